"""Smooth random fields that begin anywhere: no grid stands at the same place of every patch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import uniform_field


def smooth_noise(seed: int, shape: tuple[int, int], cells: Sequence[float]) -> NDArray[np.float64]:
    """Return value noise: random numbers at the corners of cells, blended by a cubic, octaves of several sizes summed.

    Larger cells have larger amplitudes, in proportion to their size, as in a plasma fractal.

    Args:
        seed: of the numbers and of where the cells begin.
        shape: height and width, px.
        cells: sides of the cells of each octave, px.

    Returns:
        float64 H×W in (−1, 1).
    """
    total = np.zeros(shape)
    for octave, cell in enumerate(cells):
        counts = [int(side / cell) + 3 for side in shape]
        numbers = uniform_field((seed + octave) % 2**53, (counts[0] * counts[1] + 2,)).astype(np.float64)
        corners = numbers[2:].reshape(counts)
        rows, columns = (np.arange(side) / cell + (n + 1) / 2 for side, n in zip(shape, numbers[:2], strict=True))
        i, j = rows.astype(int), columns.astype(int)
        v, u = (t * t * (3 - 2 * t) for t in (rows - i, columns - j))
        across = corners[:, j] + (corners[:, j + 1] - corners[:, j]) * u
        total += (across[i] + (across[i + 1] - across[i]) * v[:, None]) * cell
    return total / sum(cells)
