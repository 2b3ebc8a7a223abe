"""Resizing by nearest neighbours."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.block_of_pixel import block_of_pixel
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class NearestResize(Distortion):
    """Reduced and enlarged again by nearest neighbours: every block of pixels takes the colour of its middle pixel.

    Lines break and steps appear on edges. A patch is a crop, so blocks start anywhere. The middle pixel of a block on
    the border of the patch may be one of the photograph around it.
    """

    source = (
        "Zhang et al. 2021 (BSRGAN), nearest neighbours; Lin, Hosu and Saupe 2019 (KADID-10k), pixelate; range ours"
    )
    factor = Severity(mild=1.01, severe=5.0, unit="px per px", scale="log")
    row_phase = Nuisance(0, 1, unit="px of the reduced image")
    column_phase = Nuisance(0, 1, unit="px of the reduced image")

    def margin(self, side: int, params: Params) -> int:
        """Return the side of a block, rounded up."""
        return math.ceil(params["factor"])

    def apply(self, view: View, *, factor: float, row_phase: float, column_phase: float) -> Image:
        """Keep one pixel of `factor` along each axis; the middle is `row_phase` and `column_phase` px after a start."""
        rows, columns = (
            _source(length, view.margin, factor, phase)
            for length, phase in zip(view.shape, (row_phase, column_phase), strict=True)
        )
        return view.image.take(rows, axis=0).take(columns, axis=1)


def _source(length: int, margin: int, factor: float, phase: float) -> NDArray[np.intp]:
    """Return which pixel each pixel along an axis of the result gets its colour from."""
    block = block_of_pixel(length + 2 * margin, factor, phase)
    counts = np.bincount(block)
    middle = np.cumsum(counts) - counts + (counts - 1) // 2
    return middle[block[margin : margin + length]]
