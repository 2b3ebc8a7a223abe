"""Scale the chroma of an image, for photometric operators."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the luma of ITU-R BT.601."""


def scale_chroma(image: Image, gain: float) -> Image:
    """Scale the difference of every pixel from its luma. Grey pixels do not change.

    Args:
        image: uint8 H×W×3 RGB.
        gain: factor in [0, 32); 0 leaves the luma alone, 1 changes nothing.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    # OpenCV transforms uint8 in whole 1024ths, with the same result on every processor.
    red, green, blue = (round(1024 * (1 - gain) * weight) / 1024 for weight in LUMA)
    # gain · identity + (1 - gain) · luma. Every row has the sum 1, so that grey is kept.
    rows = ((1 - green - blue, green, blue), (red, 1 - red - blue, blue), (red, green, 1 - red - green))
    return np.asarray(cv2.transform(image, np.array(rows, np.float32)), np.uint8)
