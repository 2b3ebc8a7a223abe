"""Scatter marks over the plane: where blocks, drops or specks lie.

`scatter_per_patch` draws an exact number for each patch, and the marks of the patch do not depend on its surroundings.
`scatter_per_area` draws an expected number per area, for the image as a whole.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import Draws, uniform_field

AREA = 64 * 64
"""Px that densities refer to: a patch of BAPPS."""


def scatter_per_patch(
    shape: tuple[int, int], patch: tuple[int, int], sub_seed: int, count: int, reach: int, numbers: int = 0
) -> NDArray[np.float64]:
    """Draw `count` places in every area of the size of the patch, the patch among them.

    A larger count adds places to those of a smaller one. More surroundings leave the places in the patch as they are.

    Args:
        shape: height and width of the result, px.
        patch: height and width of the patch in its centre, px.
        sub_seed: seed of the places.
        count: at least 1.
        reach: px that a mark extends to the right of its place and below it.
        numbers: how many further numbers belong to a mark.

    Returns:
        float64 N × (2 + `numbers`), a mark a row: y and x in px from the first pixel of the result, and numbers in
        (-1, 1). Only marks that touch the result are returned.
    """
    tiles: list[NDArray[np.float64]] = []
    start = [(whole - part) // 2 for whole, part in zip(shape, patch, strict=True)]
    ranges = [
        range(math.floor(-(first + reach) / part), math.ceil((whole - first) / part))
        for first, whole, part in zip(start, shape, patch, strict=True)
    ]
    for row in ranges[0]:
        for column in ranges[1]:
            seed = Draws(sub_seed, (row & 0xFFFFFFFF) << 32 | (column & 0xFFFFFFFF)).sub_seed()
            marks = uniform_field(seed, (count, 2 + numbers)).astype(np.float64)
            marks[:, 0] = ((marks[:, 0] + 1) / 2 + row) * patch[0] + start[0]
            marks[:, 1] = ((marks[:, 1] + 1) / 2 + column) * patch[1] + start[1]
            tiles.append(marks)
    marks = np.concatenate(tiles)
    inside = (marks[:, 0] > -reach) & (marks[:, 1] > -reach) & (marks[:, 0] < shape[0]) & (marks[:, 1] < shape[1])
    return marks[inside]


def scatter_per_area(
    sub_seed: int, shape: tuple[int, int], density: float, reach: float, numbers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw `density` places per `AREA`, some of them beyond the borders, so that the borders cut marks as well.

    With the same seed a higher density adds marks, and keeps the first ones with their places and numbers. Another
    shape has other places.

    Args:
        sub_seed: seed of everything.
        shape: height and width of the image, px.
        density: expected number of marks per `AREA`.
        reach: how far beyond the border a mark is still seen, px.
        numbers: how many further numbers belong to a mark, for its size, strength and the like.

    Returns:
        Places, float64 N×2: x and y in px from the centre of the first pixel. Numbers, float64 N×`numbers` in (0, 1).
    """
    height, width = (side + 2 * reach for side in shape)
    expected = density * height * width / AREA
    # The first row decides about the fraction of a mark.
    drawn = (uniform_field(sub_seed, (int(expected) + 2, 2 + numbers)).astype(np.float64) + 1) / 2
    marks = drawn[1 : 1 + int(expected + drawn[0, 0])]
    return marks[:, :2] * (width, height) - (reach + 0.5), marks[:, 2:]
