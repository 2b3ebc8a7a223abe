"""Super-resolution: filters that were learnt from photographs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .enlargement import Enlargement
from .gradient_hash import buckets, phases, surroundings
from .interpolation import interpolated

_HERE = Path(__file__).parent
FILTERS = _HERE / "learnt_filters.npz"
"""Factor → float16 buckets×phases×taps, written by experiments/learnt_filters/learn.py."""
PHOTOGRAPHS = _HERE / "learnt_filters.photographs.txt"
"""Hashes of the decoded pixels of the photographs that they were learnt from, written with them."""


@register
class SuperresLearntFilters(Enlargement):
    """Reduce, enlarge with a cubic kernel, then apply one of 48 learnt filters to the luma around every pixel.

    The direction, strength and coherence of the gradient choose the filter; there is one for each position within a
    reduced pixel. The filters were learnt from the photographs inside scikit-image, at random blurs and noises.

    It is not portable: OpenCV's blur of floats changes with the processor's SIMD level.
    """

    source = "Romano, Isidoro and Milanfar 2017 (RAISR), with fewer and smaller filters"
    portable = False
    learnt_from = frozenset(PHOTOGRAPHS.read_text(encoding="utf-8").split())

    def enlarge(self, image: Image, factor: int) -> Image:
        """Add what the filters change in the luma to all channels."""
        enlarged = interpolated(image, factor, cv2.INTER_CUBIC)
        luma = np.asarray(cv2.cvtColor(enlarged, cv2.COLOR_RGB2GRAY), np.float32)
        filters = _filters(factor)[buckets(luma, factor), phases(luma.shape, factor)]
        change = np.einsum("hwt,hwt->hw", surroundings(luma), filters) - luma
        return np.asarray(np.rint(np.clip(enlarged + change[..., None], 0, 255)), np.uint8)


@cache
def _filters(factor: int) -> NDArray[np.float32]:
    """Return the filters of a factor, float32 buckets×phases×taps."""
    with np.load(FILTERS) as stored:
        return stored[str(factor)].astype(np.float32)
