"""Kernels of motion and defocus."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FINE = 16
"""Points along 1 px at which a kernel is summed."""

Kernel = NDArray[np.float32]
"""K×K with odd K and sum 1."""


def radius(extent: float) -> int:
    """Return the px from the centre of a kernel to its border."""
    return math.ceil(extent / 2) + 1


@lru_cache(maxsize=256)
def kernel(kind: str, extent: float, angle: float) -> Kernel:
    """Return how the light of a point spreads.

    Args:
        kind: "motion", a straight line; or "defocus", a disk.
        extent: length of the line or diameter of the disk, px.
        angle: of the line, degrees; not used for a disk.

    Returns:
        A read-only float32 array.
    """
    if kind == "motion":
        count = max(2, round(extent * FINE))
        along = ((np.arange(count) + 0.5) / count - 0.5) * extent
        x, y = along * math.cos(math.radians(angle)), along * math.sin(math.radians(angle))
    else:
        points = (np.arange(round(extent * FINE)) + 0.5) / FINE - extent / 2
        x, y = (axis.ravel() for axis in np.meshgrid(points, points))
        inside = x * x + y * y <= extent * extent / 4
        x, y = x[inside], y[inside]
    r = radius(extent)
    spread = np.zeros((2 * r + 1, 2 * r + 1))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    for dx, across in ((0, 1 - (x - column)), (1, x - column)):
        for dy, down in ((0, 1 - (y - row)), (1, y - row)):
            np.add.at(spread, (row + r + dy, column + r + dx), across * down)
    result = (spread / spread.sum()).astype(np.float32)
    result.setflags(write=False)
    return result
