"""Blocks of pixels whose grid starts anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def block_of_pixel(length: int, margin: int, size: float, phase: float) -> NDArray[np.intp]:
    """Return which block each pixel along an axis belongs to: that of its centre.

    Args:
        length: of the axis, px.
        margin: px before the patch.
        size: of a block, px, at least 1.
        phase: how far the patch starts after the start of a block, in blocks, in [0, 1).

    Returns:
        Whole numbers from 0, rising, one for each pixel.
    """
    position = (np.arange(length) + (0.5 - margin)) / size + phase
    blocks = np.floor(position).astype(np.intp)
    return blocks - blocks[0]
