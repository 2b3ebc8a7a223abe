"""Smooth motion of a picture between two frames, and the two frames that such a motion gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.view import View

from .resample import Coordinates, grid, resample

_LINEAR = 0.2
"""Largest linear coefficient: px of motion at half a patch from the centre, per px of translation."""
_BEND = 1.2
"""Largest motion of a knot, per px of translation; between knots, the standard deviation is .28 of that."""
_CELLS = 3
"""Cells between knots along the side of a patch."""
_PERIOD = 32
"""Cells after which the motions of the knots repeat: more than a view has."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A translation, a linear part (turn, zoom, shear), and a smooth field of random bends.

    Attributes:
        distance: px from the first frame to the second, of the translation.
        angle: direction in degrees (0° right, 90° down).
        sub_seed: seed of the linear part and the bends.
    """

    distance: float
    angle: float
    sub_seed: int

    def field(self, view: View) -> tuple[Coordinates, Coordinates]:
        """Return how far each pixel of the view moves, px along x and y, float64 H×W.

        It does not depend on the size of the view: positions are counted from the centre of the patch.
        """
        x, y = (axis * (2 / view.side) for axis in grid(View(view.image, 0, view.patch)))
        drawn = uniform_field(self.sub_seed, (2 * (_PERIOD * _PERIOD + 3),)).astype(np.float64)
        linear, phase, knots = drawn[:4] * _LINEAR, drawn[4:6] / 2, drawn[6:].reshape(2, _PERIOD, _PERIOD) * _BEND
        columns, across = _knots(x.ravel() * (_CELLS / 2) + phase[0])
        rows, down = _knots(y.ravel() * (_CELLS / 2) + phase[1])
        chosen = knots[:, rows[:, None], columns[None, :], None]
        # Sums are written explicitly: a library chooses the order of summation in a matrix product.
        lines = reduce(add, (chosen[:, :, i] * weights for i, weights in enumerate(across)))
        bends = reduce(add, (lines[:, j, None, :] * weights[:, None] for j, weights in enumerate(down)))
        dx = bends[0] + float(linear[0]) * x + float(linear[1]) * y + math.cos(math.radians(self.angle))
        dy = bends[1] + float(linear[2]) * x + float(linear[3]) * y + math.sin(math.radians(self.angle))
        return self.distance * dx, self.distance * dy


def _knots(position: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Return the knots that matter along an axis, and the weight of each at every position: a cubic B-spline.

    Args:
        position: in cells, rising.
    """
    knots = np.arange(math.floor(position[0]) - 1, math.floor(position[-1]) + 3, dtype=np.int64)
    return knots % _PERIOD, [_spline(np.abs(position - knot)) for knot in knots]


def _spline(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    near = 2 / 3 - distance * distance * (1 - distance / 2)
    far = np.maximum(2 - distance, 0)
    return np.where(distance < 1, near, far * far * far / 6)


def reach(distance: float, around: int, side: int) -> float:
    """Return an upper bound of the motion, px along an axis.

    Args:
        distance: of the motion, px.
        around: px around the patch within which it is asked for.
        side: of the patch, px.
    """
    return distance * (1 + _BEND + 2 * _LINEAR * (1 + 2 * around / side))


def frames_of(view: View, motion: Motion) -> tuple[Image, Image]:
    """Return the frames half a motion before and after the view, uint8 of the size of its image.

    Beyond the surroundings of the view they are mirrored.
    """
    x, y = grid(View(view.image, 0, view.patch))
    across, down = motion.field(view)
    # What has still to move by half of the motion is found half of it further.
    before = resample(view.image, x + across / 2, y + down / 2, (1.0, 1.0))
    after = resample(view.image, x - across / 2, y - down / 2, (1.0, 1.0))
    return before, after
