"""Apply a tone curve, for photometric operators."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

LEVELS = np.arange(256, dtype=np.float64)
"""Every level of a channel, 0 to 255: the input of a curve."""


def apply_curve(image: Image, curve: NDArray[np.float64]) -> Image:
    """Map every level of an image by a curve.

    Args:
        image: uint8 H×W×3.
        curve: 256 output levels for all channels, or 256×3 with one column per channel. They are
            rounded and clipped to [0, 255].

    Returns:
        A new image, uint8 H×W×3.
    """
    table = np.clip(np.rint(curve), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table.reshape(1, 256, -1)), np.uint8)
