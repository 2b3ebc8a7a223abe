"""Sample an image at computed positions, for all warps.

The result of OpenCV's warpAffine changes with the processor's SIMD level. Here the coordinates are computed in float64
with only + − × ÷, which every processor rounds the same. The sampling is bilinear in integer arithmetic, to 1/32 px.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View

Coordinates = NDArray[np.float64]
_LEAST = 0.3
"""Standard deviation in px below which a prefilter is left out: its kernel would be a single pixel."""


def grid(view: View) -> tuple[Coordinates, Coordinates]:
    """Return the coordinates of the result's pixels, in px from the centre: x as 1×W and y as H×1."""
    height, width = view.shape
    x = np.arange(width, dtype=np.float64)[None, :] - (width - 1) / 2
    y = np.arange(height, dtype=np.float64)[:, None] - (height - 1) / 2
    return x, y


def resample(image: Image, x: Coordinates, y: Coordinates, squared_steps: tuple[float, float] = (1.0, 1.0)) -> Image:
    """Sample an image at a position for every output pixel. Where a warp reduces, the image is blurred before.

    The blur makes up for the pixels between the positions. Along each axis of the image it is a Gaussian of the
    variance (s² − 1)/6, where s is the distance of the positions in px (root mean square): a triangle s px wide, as
    Pillow uses to reduce, has the variance s²/6, and bilinear interpolation has 1/6 of it already.

    Args:
        image: uint8 H×W×3, or H×W: a patch with its surroundings.
        x: source column of every output pixel, in px from the centre, broadcast with `y` to h×w.
        y: source row of every output pixel, in px from the centre, broadcast with `x` to h×w.
        squared_steps: s² along x and along y: how much the source column, and the source row, change from an output
            pixel to its neighbours; the sum of the squares over both neighbours.

    Returns:
        A new image, uint8 h×w×3, or h×w; beyond the borders of `image` it is mirrored.
    """
    across, down = (math.sqrt(max(0.0, step - 1) / 6) for step in squared_steps)
    if max(across, down) >= _LEAST:
        # OpenCV reads a sigma of 0 as "the other one".
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), max(across, 0.01), sigmaY=max(down, 0.01)), np.uint8)
    height, width = image.shape[:2]
    columns = np.rint(x * 32 + (width - 1) * 16).astype(np.int32)
    rows = np.rint(y * 32 + (height - 1) * 16).astype(np.int32)
    shape = np.broadcast_shapes(columns.shape, rows.shape)
    whole = np.empty((*shape, 2), np.int16)
    whole[..., 0] = columns >> 5
    whole[..., 1] = rows >> 5
    fraction = np.empty(shape, np.uint16)
    fraction[...] = ((rows & 31) << 5) | (columns & 31)
    moved = cv2.remap(image, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)
