"""Pixelation."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.blocks import block_of_pixel
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class Pixelate(Distortion):
    """A mosaic: every block of pixels becomes its mean.

    Blocks may be 2.5 px wide: then some have 2 px and some 3. A patch is a crop, so blocks start anywhere. Those on the
    border of the patch are completed by the pixels of the photograph.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C: pixelate); ends ours"
    size = Severity(mild=1.1, severe=8.0, unit="px", scale="log")
    row_phase = Nuisance(0, 1, unit="block")
    column_phase = Nuisance(0, 1, unit="block")

    def margin(self, side: int, params: Params) -> int:
        """Return the side of a block, rounded up."""
        return math.ceil(params["size"])

    def apply(self, view: View, *, size: float, row_phase: float, column_phase: float) -> Image:
        """Average over blocks of `size` px; the patch starts `row_phase` and `column_phase` blocks after one starts."""
        height, width = view.image.shape[:2]
        rows = block_of_pixel(height, view.margin, size, row_phase)
        columns = block_of_pixel(width, view.margin, size, column_phase)
        tall, wide = np.bincount(rows), np.bincount(columns)
        sums = np.add.reduceat(view.image, np.cumsum(tall) - tall, axis=0, dtype=np.int32)
        sums = np.add.reduceat(sums, np.cumsum(wide) - wide, axis=1)
        counts = tall[:, None, None] * wide[:, None]
        means = ((2 * sums + counts) // (2 * counts)).astype(np.uint8)
        return trimmed(means.take(rows, axis=0).take(columns, axis=1), view.margin)
