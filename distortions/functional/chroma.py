"""Scale the chroma of an image, for photometric operators."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

from .tone import STEPS

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
    return np.asarray(cv2.transform(image, _matrix(gain)), np.uint8)


@lru_cache(maxsize=256)
def _matrix(gain: float) -> NDArray[np.float32]:
    """Return gain · identity + (1 - gain) · luma in whole 1024ths, 3×3. Rows have the sum 1, so that grey is kept."""
    matrix = np.tile(np.rint((1 - gain) * STEPS * np.array(LUMA)), (3, 1))
    np.fill_diagonal(matrix, 0)
    np.fill_diagonal(matrix, STEPS - matrix.sum(axis=1))
    return (matrix / STEPS).astype(np.float32)
