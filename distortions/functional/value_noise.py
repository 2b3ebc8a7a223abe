"""Value noise (random numbers at the corners of cells, blended between them) that begins anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import uniform_field

from .row_chunks import row_chunks

_CORNERS = 32
"""Corners of cells per axis; beyond them the field repeats itself."""


def value_noise(seed: int, shape: tuple[int, int], cells: Sequence[float]) -> NDArray[np.float32]:
    """Return value noise: random numbers at the corners of cells, blended by a cubic, octaves of several sizes summed.

    Larger cells have larger amplitudes, in proportion to their size, as in a plasma fractal. The field belongs to the
    centre: a larger shape has the same field in its middle.

    Args:
        seed: of the numbers and of where the cells begin.
        shape: height and width, px.
        cells: sides of the cells of each octave, px.

    Returns:
        float32 H×W in (−1, 1).
    """
    field = np.zeros(shape, np.float32)
    for octave, cell in enumerate(cells):
        numbers = uniform_field((seed + octave) % 2**53, (_CORNERS * _CORNERS + 2,))
        corners = numbers[2:].reshape(_CORNERS, _CORNERS) * np.float32(cell / sum(cells))
        rows, columns = (
            (np.arange(side) - (side - 1) / 2) / cell + float(begin)
            for side, begin in zip(shape, numbers[:2], strict=True)
        )
        i, j = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
        v, u = ((t * t * (3 - 2 * t)).astype(np.float32) for t in (rows - i, columns - j))
        left, right = corners[:, j % _CORNERS], corners[:, (j + 1) % _CORNERS]
        across = left + (right - left) * u
        steps = np.roll(across, -1, axis=0) - across
        i %= _CORNERS
        for block in row_chunks(shape):
            field[block] += across[i[block]] + steps[i[block]] * v[block, None]
    return field
