"""Error diffusion."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_START = 8
"""Px before the patch at which the errors start to spread."""


@cache
def _tables(levels: int) -> tuple[Image, Image, Image]:
    """Return the number of the level below each value, its position up to the next (0 to 255), and the levels."""
    value = np.arange(256) * (levels - 1)
    below = np.minimum(value // 255, levels - 2)
    spaced = (510 * np.arange(256).clip(max=levels - 1) + levels - 1) // (2 * (levels - 1))
    return below.astype(np.uint8), (value - 255 * below).astype(np.uint8), spaced.astype(np.uint8)


def _dithered(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 0 or 255 for each pixel, by Floyd and Steinberg's weights; uint8 H×W."""
    return np.asarray(PIL.fromarray(plane).convert("1").convert("L"))


@register
class ErrorDiffusionDither(Distortion):
    """Few levels per channel; the error of each pixel is spread over its neighbours to come (Floyd and Steinberg 1976).

    The levels are equally spaced from 0 to 255. Every value becomes one of the two levels around it: Pillow dithers
    the position between these two.
    """

    source = "Floyd and Steinberg 1976 (An adaptive algorithm for spatial greyscale), by Pillow; range ours"
    levels = Severity(mild=40.0, severe=2.0, unit="levels per channel", scale="log", whole=True)

    def margin(self, side: int, params: Params) -> int:
        """Return a few px, so that the pattern does not start at the corner of the patch."""
        return _START

    def apply(self, view: View, *, levels: int) -> Image:
        """Dither each channel to `levels` levels."""
        below, position, spaced = _tables(levels)
        planes = cv2.split(np.asarray(cv2.LUT(view.image, position), np.uint8))
        is_above = np.asarray(cv2.merge([_dithered(np.asarray(plane, np.uint8)) for plane in planes]), np.uint8) & 1
        index = np.asarray(cv2.add(cv2.LUT(view.image, below), is_above), np.uint8)
        return np.asarray(cv2.LUT(trimmed(index, view.margin), spaced), np.uint8)
