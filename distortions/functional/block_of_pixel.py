"""Blocks of any size whose grid starts anywhere: which block each pixel belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def block_of_pixel(length: int, size: float, phase: float) -> NDArray[np.intp]:
    """Return which block each pixel along an axis belongs to: that of its centre.

    Args:
        length: of the axis, px.
        size: of a block, px, at least 1.
        phase: how far the middle of the axis is after the start of a block, in blocks, in [0, 1).

    Returns:
        Whole numbers from 0, rising, one for each pixel.
    """
    position = (np.arange(length) - (length - 1) / 2) / size + phase
    blocks = np.floor(position).astype(np.intp)
    return blocks - blocks[0]
