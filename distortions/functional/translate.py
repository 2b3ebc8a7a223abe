"""Moving by whole pixels, with what is uncovered filled by the mirrored image."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Image


def translate(image: Image, dx: int, dy: int) -> Image:
    """The image moved right by `dx` and down by `dy`, each smaller than the image."""
    height, width = image.shape[:2]
    padded = cv2.copyMakeBorder(image, max(dy, 0), max(-dy, 0), max(dx, 0), max(-dx, 0), cv2.BORDER_REFLECT_101)
    top, left = max(-dy, 0), max(-dx, 0)
    return np.array(padded[top : top + height, left : left + width], np.uint8)
