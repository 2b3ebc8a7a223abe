"""Sample an image at computed positions, for all warps.

The result of OpenCV's warpAffine changes with the processor's SIMD level. Here the coordinates are computed in float64
with only + − × ÷, which every processor rounds the same. The sampling is bilinear in integer arithmetic, to 1/32 px.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

Coordinates = NDArray[np.float64]


def grid(image: Image) -> tuple[Coordinates, Coordinates, float]:
    """Return coordinates relative to the centre of an image, and the unit of lengths.

    Returns:
        x as 1×W and y as H×1, in px from the centre, and the shorter side ("patch") in px.
    """
    height, width = image.shape[:2]
    x = np.arange(width, dtype=np.float64)[None, :] - (width - 1) / 2
    y = np.arange(height, dtype=np.float64)[:, None] - (height - 1) / 2
    return x, y, float(min(height, width))


def resample(image: Image, x: Coordinates, y: Coordinates) -> Image:
    """Sample the image at a position for every output pixel.

    Args:
        image: uint8 H×W×3, or H×W.
        x: source column of every output pixel, in px from the centre, broadcast to H×W.
        y: source row of every output pixel, in px from the centre, broadcast to H×W.

    Returns:
        A new image of the same shape, uint8; beyond its borders the image is mirrored.
    """
    height, width = image.shape[:2]
    columns = np.rint(x * 32 + (width - 1) * 16).astype(np.int32)
    rows = np.rint(y * 32 + (height - 1) * 16).astype(np.int32)
    whole = np.empty((height, width, 2), np.int16)
    whole[..., 0] = columns >> 5
    whole[..., 1] = rows >> 5
    fraction = np.empty((height, width), np.uint16)
    fraction[...] = ((rows & 31) << 5) | (columns & 31)
    moved = cv2.remap(image, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)
