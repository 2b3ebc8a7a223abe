"""Smooth random fields that begin anywhere: no grid stands at the same place of every patch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import uniform_field

from .row_blocks import row_blocks


def smooth_noise(seed: int, shape: tuple[int, int], cells: Sequence[float]) -> NDArray[np.float32]:
    """Return value noise: random numbers at the corners of cells, blended by a cubic, octaves of several sizes summed.

    Larger cells have larger amplitudes, in proportion to their size, as in a plasma fractal.

    Args:
        seed: of the numbers and of where the cells begin.
        shape: height and width, px.
        cells: sides of the cells of each octave, px.

    Returns:
        float32 H×W in (−1, 1).
    """
    field = np.zeros(shape, np.float32)
    for octave, cell in enumerate(cells):
        counts = [int(side / cell) + 3 for side in shape]
        numbers = uniform_field((seed + octave) % 2**53, (counts[0] * counts[1] + 2,))
        corners = numbers[2:].reshape(counts) * np.float32(cell / sum(cells))
        rows, columns = (
            np.arange(side) / cell + (float(n) + 1) / 2 for side, n in zip(shape, numbers[:2], strict=True)
        )
        i, j = rows.astype(np.intp), columns.astype(np.intp)
        v, u = ((t * t * (3 - 2 * t)).astype(np.float32) for t in (rows - i, columns - j))
        across = corners[:, j] + (corners[:, j + 1] - corners[:, j]) * u
        steps = np.diff(across, axis=0)
        for block in row_blocks(shape):
            field[block] += across[i[block]] + steps[i[block]] * v[block, None]
    return field
