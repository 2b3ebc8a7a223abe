"""Pixelation."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.block_of_pixel import block_of_pixel
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Pixelate(Distortion):
    """A mosaic: every block of pixels becomes its mean.

    Blocks may be 2.5 px wide: then some have 2 px and some 3. A patch is a crop, so blocks start anywhere. Those on the
    border of the patch are completed by the pixels of the photograph.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C), pixelate; range ours"
    size = Severity(mild=1.03, severe=6.0, unit="px", scale="log")
    row_phase = Nuisance(0, 1, unit="block")
    column_phase = Nuisance(0, 1, unit="block")

    def margin(self, side: int, params: Params) -> int:
        """Return the side of a block, rounded up."""
        return math.ceil(params["size"])

    def apply(self, view: View, *, size: float, row_phase: float, column_phase: float) -> Image:
        """Average over blocks of `size` px; the middle is `row_phase` and `column_phase` blocks after one starts."""
        height, width = view.image.shape[:2]
        rows, columns = block_of_pixel(height, size, row_phase), block_of_pixel(width, size, column_phase)
        tall, wide = np.bincount(rows), np.bincount(columns)
        # Sums of blocks are differences of the sums of all pixels above and to the left.
        corners = np.asarray(cv2.integral(view.image), np.int32)
        corners = corners.take(_edges(tall), axis=0).take(_edges(wide), axis=1)
        sums = np.diff(np.diff(corners, axis=0), axis=1)
        counts = (tall[:, None, None] * wide[:, None]).astype(np.int32)
        means = ((2 * sums + counts) // (2 * counts)).astype(np.uint8)
        inner = slice(view.margin, -view.margin)
        return means.take(rows[inner], axis=0).take(columns[inner], axis=1)


def _edges(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where blocks of so many pixels start, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(counts)))
