"""Convert changes of Y'CbCr to changes of RGB (ITU-R BT.601)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def rgb_of_chroma(blue: Plane, red: Plane) -> tuple[Plane, Plane, Plane]:
    """Return what changes of Cb and Cr add to red, green and blue; luma stays.

    Args:
        blue: changes of Cb, float32 H×W, levels of 255 at full range.
        red: changes of Cr, likewise.

    Returns:
        The planes of red, green and blue, float32 H×W.
    """
    green = blue * np.float32(-0.344136)
    green -= red * np.float32(0.714136)
    return red * np.float32(1.402), green, blue * np.float32(1.772)


def stacked(planes: tuple[Plane, Plane, Plane]) -> NDArray[np.float32]:
    """Return three planes H×W as one field, float32 H×W×3."""
    return np.asarray(cv2.merge(planes), np.float32)
