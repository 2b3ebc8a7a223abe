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
_SAMPLES = 8
"""Places along each axis at which the reduction of a warp is measured."""
_LEAST = 0.3
"""Standard deviation in px below which a prefilter is left out: its kernel would be a single pixel."""


def grid(view: View) -> tuple[Coordinates, Coordinates]:
    """Return the coordinates of the result's pixels, in px from the centre: x as 1×W and y as H×1."""
    height, width = view.shape
    x = np.arange(width, dtype=np.float64)[None, :] - (width - 1) / 2
    y = np.arange(height, dtype=np.float64)[:, None] - (height - 1) / 2
    return x, y


def resample(image: Image, x: Coordinates, y: Coordinates) -> Image:
    """Sample an image at a position for every output pixel. Where a warp reduces, the image is blurred before.

    The blur makes up for the pixels between the positions. Along each axis of the image it is a Gaussian of the
    variance (s² − 1)/6, where s is the distance of the positions in px (root mean square): a triangle s px wide, as
    Pillow uses to reduce, has the variance s²/6, and bilinear interpolation has 1/6 of it already.

    Args:
        image: uint8 H×W×3, or H×W: a patch with its surroundings.
        x: source column of every output pixel, in px from the centre, broadcast with `y` to h×w.
        y: source row of every output pixel, in px from the centre, broadcast with `x` to h×w.

    Returns:
        A new image, uint8 h×w×3, or h×w; beyond the borders of `image` it is mirrored.
    """
    shape = np.broadcast_shapes(x.shape, y.shape)
    blur = [math.sqrt(max(0.0, _squared_step(np.broadcast_to(axis, shape)) - 1) / 6) for axis in (x, y)]
    if max(blur) >= _LEAST:
        across, down = (max(sigma, 0.01) for sigma in blur)  # OpenCV reads 0 as "the other one"
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), across, sigmaY=down), np.uint8)
    height, width = image.shape[:2]
    columns = np.rint(x * 32 + (width - 1) * 16).astype(np.int32)
    rows = np.rint(y * 32 + (height - 1) * 16).astype(np.int32)
    whole = np.empty((*shape, 2), np.int16)
    whole[..., 0] = columns >> 5
    whole[..., 1] = rows >> 5
    fraction = (((rows & 31) << 5) | (columns & 31)).astype(np.uint16)
    moved = cv2.remap(image, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)


def _squared_step(axis: Coordinates) -> float:
    """Return the mean square of the change of a source coordinate from one output pixel to the next."""
    height, width = axis.shape
    every = max(1, height // _SAMPLES), max(1, width // _SAMPLES)
    coarse = axis[:: every[0], :: every[1]]
    total = 0.0
    for direction, distance in enumerate(every):
        change = np.diff(coarse, axis=direction) / distance
        # An exact sum: numpy's order of summation follows the processor.
        total += math.fsum((change * change).ravel().tolist()) / max(1, change.size)
    return total
