"""Ordered dither."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register


def bayer_matrix(side: int) -> NDArray[np.int64]:
    """Return the dither matrix of Bayer 1973: the numbers 0 to side² - 1, each as far as possible from its neighbours.

    Args:
        side: a power of two.
    """
    matrix = np.zeros((1, 1), np.int64)
    while len(matrix) < side:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix


@cache
def _table(levels: int, side: int) -> Image:
    """Return the result for each place of the matrix and each value: uint8, side² × 256."""
    cells = side * side
    value, threshold = np.arange(256)[None, :], np.arange(cells)[:, None]
    # Whole numbers: value / 255 · (levels - 1) + (threshold + 1/2) / cells, rounded down.
    index = (2 * cells * (levels - 1) * value + 255 * (2 * threshold + 1)) // (2 * cells * 255)
    return ((510 * index + levels - 1) // (2 * (levels - 1))).astype(np.uint8)


@lru_cache(maxsize=64)
def _rows(height: int, width: int, side: int) -> NDArray[np.intp]:
    """Return where in a flat table the row of each pixel starts, for a matrix that starts at the corner: H×W×1."""
    repeated = np.tile(bayer_matrix(side), (-(-height // side), -(-width // side)))[:height, :width]
    return (repeated * 256)[:, :, None]


@register
class OrderedDither(Distortion):
    """Few levels per channel, with a matrix of thresholds that turns the values between them into a regular pattern.

    The levels are equally spaced from 0 to 255. A patch is a crop, so that the matrix starts anywhere.
    """

    source = "Bayer 1973 (An optimum method for two-level rendition of continuous-tone pictures); range ours"
    levels = Severity(mild=40.0, severe=2.0, unit="levels per channel", scale="log", whole=True)
    side = Choice((2, 4, 8), unit="px, side of the matrix")
    row_phase = Nuisance(0, 7, unit="px", whole=True)
    column_phase = Nuisance(0, 7, unit="px", whole=True)

    def apply(self, image: Image, *, levels: int, side: int, row_phase: int, column_phase: int) -> Image:
        """Round every value up or down to a level, by the threshold at its place."""
        height, width = image.shape[:2]
        top, left = row_phase % side, column_phase % side
        rows = _rows(height + side, width + side, side)[top : top + height, left : left + width]
        return _table(levels, side).ravel().take(rows + image)
