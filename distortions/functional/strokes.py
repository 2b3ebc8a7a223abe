"""Draw strokes with smooth edges on masks, in whole numbers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SHIFT = 4
"""Binary digits of OpenCV's coordinates: strokes are placed to 1/16 px."""
_STEPS = 8
"""Different strengths of strokes. Those of equal strength are drawn in one call."""

Mask = NDArray[np.uint8]


def draw_strokes(mask: Mask, points: NDArray[np.float64], strength: NDArray[np.float64], thickness: int) -> None:
    """Draw lines with round ends on a mask. Stronger strokes are drawn over weaker ones.

    Args:
        mask: uint8 H×W, changed in place.
        points: float64 N×P×2: x and y in px of the P points of each stroke.
        strength: float64 N, in (0, 1]: opacity of each stroke, rounded up to eighths.
        thickness: of the strokes, px.
    """
    whole = np.rint(points * (1 << _SHIFT)).astype(np.int32)
    classes = np.ceil(strength * _STEPS).astype(np.int64)
    for step in range(1, _STEPS + 1):
        chosen = whole[classes == step]
        if len(chosen):
            level = round(255 * step / _STEPS)
            cv2.polylines(mask, list(chosen), False, level, thickness, cv2.LINE_AA, _SHIFT)
