"""Chroma of Y'CbCr (ITU-R BT.601), in RGB: scale it, and add to it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

Plane = NDArray[np.float32]
_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the luma."""


def scale_chroma(image: Image, gain: float) -> Image:
    """Scale the difference of every pixel from its luma. Grey pixels do not change.

    Args:
        image: uint8 H×W×3 RGB.
        gain: factor in [0, 32); 0 leaves the luma alone, 1 changes nothing.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    # OpenCV transforms uint8 in whole 1024ths, with the same result on every processor.
    red, green, blue = (round(1024 * (1 - gain) * weight) / 1024 for weight in _LUMA)
    # gain · identity + (1 - gain) · luma. Every row has the sum 1, so that grey is kept.
    rows = ((1 - green - blue, green, blue), (red, 1 - red - blue, blue), (red, green, 1 - red - green))
    return np.asarray(cv2.transform(image, np.array(rows, np.float32)), np.uint8)


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
