"""Displacement fields between knots, for linear and cubic warp."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.view import View

from .resample import grid, resample

CELLS = 2
"""Cells per axis. They have 3 × 3 knots; the outer knots are on the border of the patch."""

Kernel = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@lru_cache(maxsize=64)
def _weights(length: int, patch: int, kernel: Kernel) -> list[NDArray[np.float64]]:
    """Return the weight of each knot along an axis of `length` px with a patch in its middle.

    There are knots beyond the patch too.
    """
    position = (np.arange(length) - (length - patch) // 2) * (CELLS / (patch - 1))
    return [kernel(np.abs(position - knot)) for knot in range(-1, CELLS + 2)]


def warp_by_knots(view: View, amount: float, sub_seed: int, kernel: Kernel) -> Image:
    """Displace pixels by random vectors at knots, interpolated between the knots.

    Sums are written explicitly, because a library chooses the order of summation in a matrix product.

    Args:
        view: the patch with its surroundings.
        amount: largest displacement of a knot along either axis, as a fraction of the shorter side of the patch.
        sub_seed: seed of the displacements.
        kernel: weight of a knot as a function of its distance in cells; 0 from 2 cells on.

    Returns:
        A new image, uint8 H×W×3.
    """
    x, y = grid(view)
    knots = uniform_field(sub_seed, (2, CELLS + 3, CELLS + 3, 1)).astype(np.float64) * (amount * view.side)
    (height, width), (patch_height, patch_width) = view.shape, view.patch
    across = _weights(width, patch_width, kernel)
    down = _weights(height, patch_height, kernel)
    rows = reduce(add, (knots[:, :, i] * across[i] for i in range(CELLS + 3)))
    dx, dy = reduce(add, (rows[:, i, None, :] * down[i][:, None] for i in range(CELLS + 3)))
    return resample(view.image, x + dx, y + dy, _squared_steps(knots[:, 1:-1, 1:-1, 0], view.patch))


def _squared_steps(knots: NDArray[np.float64], patch: tuple[int, int]) -> tuple[float, float]:
    """Return the mean squared change of either source coordinate from an output pixel to its neighbours.

    Args:
        knots: displacements of the knots of the patch, px: (x, y) × rows × columns.
        patch: height and width.
    """
    height, width = patch
    down, across = np.diff(knots, axis=1) * (CELLS / height), np.diff(knots, axis=2) * (CELLS / width)
    across[0] += 1
    down[1] += 1
    squares = [(change * change).reshape(2, -1).tolist() for change in (across, down)]
    # Exact sums: numpy's order of summation follows the processor.
    x, y = (sum(math.fsum(part[axis]) / len(part[axis]) for part in squares) for axis in (0, 1))
    return x, y
