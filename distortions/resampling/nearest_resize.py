"""Resizing by nearest neighbours."""

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
class NearestResize(Distortion):
    """Reduced and enlarged again by nearest neighbours: every block of pixels takes the colour of its middle pixel.

    Lines break and steps appear on edges. A patch is a crop, so blocks start anywhere. The middle pixel of a block on the
    border of the patch may be one of the photograph around it.
    """

    source = "Lin et al. 2019 (KADID-10k: pixelate), Zhang et al. 2021 (BSRGAN), section III: nearest; ends ours"
    factor = Severity(mild=1.03, severe=6.0, unit="px per px", scale="log")
    row_phase = Nuisance(0, 1, unit="px of the reduced image")
    column_phase = Nuisance(0, 1, unit="px of the reduced image")

    def margin(self, side: int, params: Params) -> int:
        """Return the side of a block, rounded up."""
        return math.ceil(params["factor"])

    def apply(self, view: View, *, factor: float, row_phase: float, column_phase: float) -> Image:
        """Keep one pixel of `factor` along each axis; the patch starts `row_phase` and `column_phase` px after one."""
        height, width = view.image.shape[:2]
        rows = _source(height, view.margin, factor, row_phase)
        columns = _source(width, view.margin, factor, column_phase)
        return trimmed(view.image.take(rows, axis=0).take(columns, axis=1), view.margin)


def _source(length: int, margin: int, factor: float, phase: float) -> np.ndarray:
    """Return which pixel each pixel along an axis gets its colour from."""
    block = block_of_pixel(length, margin, factor, phase)
    counts = np.bincount(block)
    middle = np.cumsum(counts) - counts + (counts - 1) // 2
    return middle[block]
