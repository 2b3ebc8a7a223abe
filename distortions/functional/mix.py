"""Mix two images, with the same rounding on every processor."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image

STEPS = 4096
"""Weights are whole 4096ths. Their products and sums are then exact in float32, with fused steps or without.

A weight of at most 16 makes them less than 2^24 of these steps.
"""


def mix(image: Image, other: Image, weight: float) -> Image:
    """Move an image towards another image, or away from it: (1 - weight)·image + weight·other.

    Args:
        image: uint8 H×W×3.
        other: uint8 of the same shape.
        weight: 0 gives the image, 1 the other; below 0 the difference between them grows. Rounded to 4096ths; between
            -15 and 16.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    share = round(weight * STEPS) / STEPS
    return np.asarray(cv2.addWeighted(image, 1 - share, other, share, 0), np.uint8)
