"""Enlarge by interpolation, aligned with the squares that were averaged."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image


def interpolated(image: Image, factor: int, method: int) -> Image:
    """Enlarge an image.

    Args:
        image: uint8 h×w×3 RGB.
        factor: whole number.
        method: of OpenCV, such as `cv2.INTER_CUBIC`.

    Returns:
        uint8 H×W×3 RGB.
    """
    size = (image.shape[1] * factor, image.shape[0] * factor)
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
