"""Masks of strokes with smooth edges, in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

_SHIFT = 4
"""Binary digits of OpenCV's coordinates: strokes are placed to 1/16 px."""
_STEPS = 5
"""Different strengths of strokes. Those of equal strength are drawn in one call."""


class Strokes(NamedTuple):
    """Strokes of equal thickness.

    Attributes:
        points: float64 N×P×2: x and y in px of the P points of each stroke, from the centre of the first pixel.
        strength: float64 N, in (0, 1]: opacity of each stroke, rounded up to fifths.
        thickness: px.
    """

    points: NDArray[np.float64]
    strength: NDArray[np.float64]
    thickness: int


def strokes_mask(shape: tuple[int, int], groups: Sequence[Strokes], blur: float) -> NDArray[np.uint8]:
    """Draw strokes with round ends, stronger ones over weaker ones of the same group, and blur them.

    They are drawn on a larger mask. OpenCV ends a smooth line at the border of the mask as if it were an end, and the
    blur needs what lies beyond.

    Args:
        shape: height and width, px.
        groups: strokes, later ones over earlier ones.
        blur: standard deviation, px.

    Returns:
        uint8 H×W: 255 where a stroke is opaque, 0 where there is none.
    """
    radius = math.ceil(3 * blur)
    around = radius + 2 + max(group.thickness for group in groups)
    mask = np.zeros([side + 2 * around for side in shape], np.uint8)
    for group in groups:
        points = np.rint((group.points + around) * (1 << _SHIFT)).astype(np.int32)
        steps = np.ceil(group.strength * _STEPS).astype(np.int64)
        for step in range(1, _STEPS + 1):
            chosen = points[steps == step]
            if len(chosen):
                level = round(255 * step / _STEPS)
                cv2.polylines(mask, list(chosen), False, level, group.thickness, cv2.LINE_AA, _SHIFT)
    blurred = cv2.GaussianBlur(mask, (2 * radius + 1, 2 * radius + 1), blur)
    return np.asarray(blurred[around:-around, around:-around], np.uint8)
