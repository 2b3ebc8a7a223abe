"""Sample an image at computed positions, for all warps.

The result of OpenCV's warpAffine changes with the processor's SIMD level. Here the coordinates are computed in float64
with only + − × ÷, which every processor rounds the same. The sampling is bilinear in integer arithmetic, to 1/32 px.
"""

from __future__ import annotations

import math
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View

Coordinates = NDArray[np.float64]
Matrix = tuple[tuple[float, float], tuple[float, float]]
_Level = TypeVar("_Level", np.uint8, np.uint16)
_EXTRA = 10
"""Binary digits beyond 1/32 px in sums of whole numbers: positions are exact to 1/32768 px before they are rounded."""
_HALF = 1 << (_EXTRA - 1)
_LEAST = 0.3
"""Standard deviation in px below which no prefilter is used: a neighbour would weigh exp(−1/(2·.3²)), under 1/256."""


def grid(view: View) -> tuple[Coordinates, Coordinates]:
    """Return the coordinates of the result's pixels, in px from the centre: x as 1×W and y as H×1."""
    height, width = view.shape
    x = np.arange(width, dtype=np.float64)[None, :] - (width - 1) / 2
    y = np.arange(height, dtype=np.float64)[:, None] - (height - 1) / 2
    return x, y


def resample(image: Image, x: Coordinates, y: Coordinates, squared_steps: tuple[float, float]) -> Image:
    """Sample an image at a position for every output pixel. Where a warp reduces, the image is blurred before.

    The blur makes up for the pixels between the positions. Along each axis of the image it is a Gaussian of the
    variance (s² − 1)/6, where s is the distance of the positions in px (root mean square): a triangle s px wide, as
    Pillow uses to reduce, has the variance s²/6, and bilinear interpolation has 1/6 of it already.

    Args:
        image: uint8 H×W×3, or H×W: a patch with its surroundings.
        x: source column of every output pixel, in px from the centre, h×w.
        y: source row of every output pixel, in px from the centre, h×w.
        squared_steps: s² along x and along y: how much the source column, and the source row, change from an output
            pixel to its neighbours; the sum of the squares over both neighbours.

    Returns:
        A new image, uint8 h×w×3, or h×w; beyond the borders of `image` it is mirrored.
    """
    height, width = image.shape[:2]
    columns = np.rint(x * 32 + (width - 1) * 16).astype(np.int32)
    rows = np.rint(y * 32 + (height - 1) * 16).astype(np.int32)
    return sample(_prefiltered(image, squared_steps), columns, rows)


def resample_affine(
    image: Image, shape: tuple[int, int], matrix: Matrix, offset: tuple[float, float] = (0, 0)
) -> Image:
    """Sample an image at positions that depend linearly on the output pixel; see `resample`.

    Positions are sums of whole numbers, one for the column and one for the row of an output pixel: a third of the time
    that coordinates in float64 take.

    Args:
        image: uint8 H×W×3, or H×W: a patch with its surroundings.
        shape: height and width of the result.
        matrix: (source x by output x, by output y), (source y by output x, by output y), about the centres.
        offset: of the source, x and y in px.

    Returns:
        A new image, uint8 h×w×3, or h×w; beyond the borders of `image` it is mirrored.
    """
    (xx, xy), (yx, yy) = matrix
    x = np.arange(shape[1], dtype=np.float64) - (shape[1] - 1) / 2
    y = np.arange(shape[0], dtype=np.float64) - (shape[0] - 1) / 2
    columns = _fixed(x * xx + (image.shape[1] - 1) / 2 + offset[0]) + _fixed(y * xy)[:, None]
    rows = _fixed(x * yx + (image.shape[0] - 1) / 2 + offset[1]) + _fixed(y * yy)[:, None]
    image = _prefiltered(image, (xx * xx + xy * xy, yx * yx + yy * yy))
    return sample(image, (columns + _HALF) >> _EXTRA, (rows + _HALF) >> _EXTRA)


def _fixed(position: Coordinates) -> NDArray[np.int32]:
    """Return positions in px as whole numbers, with `_EXTRA` more binary digits than 1/32 px."""
    return np.rint(position * (32 << _EXTRA)).astype(np.int32)


def _prefiltered(image: Image, squared_steps: tuple[float, float]) -> Image:
    across, down = (math.sqrt(max(0.0, step - 1) / 6) for step in squared_steps)
    if max(across, down) < _LEAST:
        return image
    # OpenCV reads a sigma of 0 as "the other one".
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(across, 0.01), sigmaY=max(down, 0.01)), np.uint8)


def sample(image: NDArray[_Level], columns: NDArray[np.int32], rows: NDArray[np.int32]) -> NDArray[_Level]:
    """Interpolate an image at positions in whole 1/32 px.

    Args:
        image: uint8 or uint16, H×W×3 or H×W.
        columns: source column of every output pixel, in 1/32 px from the first column; int32 h×w or 1×w.
        rows: source row of every output pixel, in 1/32 px from the first row; int32 h×w or h×1.

    Returns:
        A new image of the same dtype, h×w×3 or h×w; beyond the borders of `image` it is mirrored.
    """
    whole = np.empty((*np.broadcast_shapes(columns.shape, rows.shape), 2), np.int16)
    whole[..., 0] = columns >> 5
    whole[..., 1] = rows >> 5
    fraction = (((rows & 31) << 5) | (columns & 31)).astype(np.uint16)
    moved = cv2.remap(image, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, image.dtype)
