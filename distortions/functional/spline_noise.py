"""Random numbers at the points of a lattice, and smooth noise between them by cubic B-splines."""

from __future__ import annotations

import math
from functools import lru_cache, reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import uniform_field


@lru_cache(maxsize=64)
def _from_the_centre(reach: int) -> NDArray[np.intp]:
    """Return the points of a square lattice by their distance from its centre, as flat indices.

    A larger lattice begins with the same points.
    """
    index = np.abs(np.arange(-reach, reach + 1))
    return np.argsort(np.maximum(index[:, None], index[None, :]), axis=None, kind="stable")


def lattice(sub_seed: int, reach: int, numbers: int) -> NDArray[np.float32]:
    """Draw uniform numbers in (-1, 1) at the points of a lattice. A larger lattice has the same ones in its middle.

    Args:
        sub_seed: seed of the numbers.
        reach: points on each side of the central one.
        numbers: how many at each point.

    Returns:
        float32 `numbers` × n × n, with n = 2 `reach` + 1.
    """
    side = 2 * reach + 1
    drawn = np.empty((side * side, numbers), np.float32)
    drawn[_from_the_centre(reach)] = uniform_field(sub_seed, (side * side, numbers))
    return drawn.T.reshape(numbers, side, side)


def spline_noise(
    shape: tuple[int, int], sub_seed: int, cell: float, phase: tuple[float, float], numbers: int
) -> NDArray[np.float32]:
    """Draw smooth random fields: random numbers at a lattice, interpolated by cubic B-splines.

    A cubic B-spline is nearly a Gaussian of standard deviation √(1/3) of a cell. Its weights are positive and add up to
    1, so that no value exceeds the random numbers. A larger field has the same values in its middle.

    Args:
        shape: height and width, px.
        sub_seed: seed of the numbers.
        cell: distance between points of the lattice, px.
        phase: of the lattice along y and x, in cells.
        numbers: how many fields.

    Returns:
        float32 `numbers`×H×W in (-1, 1); mean 0 and root mean square .277 on average: √(1/3)·151/315.
    """
    height, width = shape
    reach = math.ceil(max(shape) / (2 * cell)) + 3
    knots = lattice(sub_seed, reach, numbers)
    (top, down), (left, across) = _spline(height, cell, phase[0], reach), _spline(width, cell, phase[1], reach)
    # Rows of the lattice come first: each is copied as a whole.
    rows = reduce(add, (knots.take(left + k, axis=2) * weight for k, weight in enumerate(across)))
    rows = np.ascontiguousarray(rows.transpose(1, 0, 2))
    field = rows.take(top, axis=0) * down[0][:, None, None]
    part = np.empty_like(field)
    for k in (1, 2, 3):
        np.take(rows, top + k, axis=0, out=part, mode="clip")  # without a mode, numpy copies once more
        part *= down[k][:, None, None]
        field += part
    return field.transpose(1, 0, 2)


def _spline(length: int, cell: float, phase: float, reach: int) -> tuple[NDArray[np.intp], list[NDArray[np.float32]]]:
    """Return for each pixel of an axis the first of its four knots, and the weights of the four."""
    position = (np.arange(length) - (length - 1) / 2) / cell + phase + reach
    first = np.floor(position)
    t = position - first
    u = 1 - t
    inner = ((3 * t - 6) * t * t + 4) / 6, ((3 * u - 6) * u * u + 4) / 6
    weights = [u * u * u / 6, *inner, t * t * t / 6]
    return first.astype(np.intp) - 1, [weight.astype(np.float32) for weight in weights]
