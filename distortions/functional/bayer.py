"""The colour filter of a sensor: one value per pixel (Bayer 1976), and back to three."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

PATTERNS = ("RGGB", "GRBG", "GBRG", "BGGR")
"""Colours of the first 2×2 pixels, row by row."""
_CHANNEL = {"R": 0, "G": 1, "B": 2}
_SUFFIX = {"bilinear": "", "VNG": "_VNG", "edge-aware": "_EA"}
ALGORITHMS = tuple(_SUFFIX)
"""Of OpenCV: bilinear interpolation, variable number of gradients, edge-aware. VNG takes uint8 only."""
REACH = 4
"""Px on each side that a result of any of them depends on, or that OpenCV fills in on the border."""
_Dtype = TypeVar("_Dtype", np.uint8, np.uint16, np.float32)


def mosaic(image: NDArray[_Dtype], pattern: str) -> NDArray[_Dtype]:
    """Keep one channel per pixel.

    Args:
        image: H×W×3 RGB, of any dtype.
        pattern: one of `PATTERNS`.

    Returns:
        H×W, of the same dtype.
    """
    raw = np.empty(image.shape[:2], image.dtype)
    for place, colour in enumerate(pattern):
        row, column = divmod(place, 2)
        raw[row::2, column::2] = image[row::2, column::2, _CHANNEL[colour]]
    return raw


def demosaic(raw: NDArray[_Dtype], pattern: str, algorithm: str) -> NDArray[_Dtype]:
    """Interpolate the two missing channels of each pixel.

    Args:
        raw: H×W, uint8 or uint16.
        pattern: one of `PATTERNS`.
        algorithm: one of `ALGORITHMS`.

    Returns:
        H×W×3 RGB, of the same dtype.
    """
    code: int = getattr(cv2, f"COLOR_Bayer{pattern}2RGB{_SUFFIX[algorithm]}")
    return np.asarray(cv2.demosaicing(raw, code), raw.dtype)
