"""Add a field of noise to an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image


def add_field(image: Image, field: NDArray[np.float32]) -> Image:
    """Add noise, then round and clip to [0, 255].

    Args:
        image: uint8 H×W×3.
        field: float32 H×W×3, levels of 255.

    Returns:
        A new image, uint8 H×W×3.
    """
    return np.asarray(cv2.add(image, field, dtype=cv2.CV_8U), np.uint8)
