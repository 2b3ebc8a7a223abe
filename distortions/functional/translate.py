"""Move an image by whole pixels; the mirrored image fills the uncovered pixels."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image


def translate(image: Image, dx: int, dy: int) -> Image:
    """Move an image.

    Args:
        image: uint8 H×W×3.
        dx: pixels to the right, smaller than the width; negative: to the left.
        dy: pixels down, smaller than the height; negative: up.

    Returns:
        A new image, uint8 H×W×3.
    """
    height, width = image.shape[:2]
    padded = cv2.copyMakeBorder(image, max(dy, 0), max(-dy, 0), max(dx, 0), max(-dx, 0), cv2.BORDER_REFLECT_101)
    top, left = max(-dy, 0), max(-dx, 0)
    return np.array(padded[top : top + height, left : left + width], np.uint8)
