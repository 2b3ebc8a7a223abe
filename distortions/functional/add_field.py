"""Add a field of noise to an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

Field = NDArray[np.float32]


def add_field(image: Image, field: Field | tuple[Field, Field, Field]) -> Image:
    """Add noise, then round and clip to [0, 255].

    Args:
        image: uint8 H×W×3 RGB.
        field: levels of 255, float32: H×W×3; H×W, the same for all channels; or the planes of red, green and blue, H×W
            each.

    Returns:
        A new image, uint8 H×W×3.
    """
    if isinstance(field, tuple):
        field = np.asarray(cv2.merge(field), np.float32)
    elif field.ndim == 2:
        field = np.asarray(cv2.merge((field, field, field)), np.float32)
    return np.asarray(cv2.add(image, field, dtype=cv2.CV_8U), np.uint8)
