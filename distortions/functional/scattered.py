"""Scatter things over an image: so many per area, whatever the size of the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import uniform_field

AREA = 64 * 64
"""Px that densities refer to: a patch of BAPPS."""


def scattered(
    seed: int, shape: tuple[int, int], density: float, reach: float, marks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw places of things, some of them beyond the borders, so that the borders cut things as well.

    With the same seed a higher density adds things and keeps the marks of the first ones, and their places too.

    Args:
        seed: of everything.
        shape: height and width of the image, px.
        density: expected number of things per `AREA`.
        reach: how far beyond the border a thing is still seen, px.
        marks: how many random numbers each thing gets, for its size, strength and the like.

    Returns:
        Places, float64 N×2, x and y in px from the centre of the first pixel; marks, float64 N×`marks` in (0, 1).
    """
    height, width = (side + 2 * reach for side in shape)
    expected = density * height * width / AREA
    # The first row decides about the fraction of a thing.
    numbers = (uniform_field(seed, (int(expected) + 2, 2 + marks)).astype(np.float64) + 1) / 2
    things = numbers[1 : 1 + int(expected + numbers[0, 0])]
    return things[:, :2] * (width, height) - (reach + 0.5), things[:, 2:]
