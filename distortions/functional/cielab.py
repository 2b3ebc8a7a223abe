"""CIELAB without libraries: from sRGB to the cube roots that L, a and b are differences of, and back.

L = 116·y − 16, a = 500·(x − y) and b = 200·(y − z), where x, y and z are the compressed tristimulus values
(f(X/Xn), f(Y/Yn) and f(Z/Zn) of CIE 15, "roots" here). A change of chroma at constant lightness is a sum of roots.
Sums are of whole numbers below 2^53, and numpy rounds every product: all processors give the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

from .light import STEPS, to_linear, to_srgb
from .row_chunks import row_chunks

Roots: TypeAlias = NDArray[np.float64]
"""x, y and z of every pixel, H×W×3: 0 to 1 for greys. Those of an image are whole multiples of 2^−20."""
_UNIT = 1 << 20
"""Roots and coefficients are whole multiples of 1/`_UNIT`: products have some 45 binary digits, and float64 has 53."""
_FINER = 64
"""On the way back light is rounded to this part of a step."""
_RGB_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
"""IEC 61966-2-1. Rows are divided by their sums, which are the white point D65."""
_CORNER = 6 / 29
"""Root below which the curve is a straight line."""


def to_roots(image: Image) -> Roots:
    """Return the roots of an image.

    Args:
        image: uint8 H×W×3 RGB, in sRGB.
    """
    light = np.asarray(cv2.LUT(image, _steps_of_levels()), np.float64)
    return _root_of_light().take(np.asarray(cv2.transform(light, _forward()), np.float64).astype(np.uint16))


def from_roots(roots: Roots) -> Image:
    """Return the image of roots. Colours outside of sRGB are clipped, channel by channel in linear light.

    Args:
        roots: float64 H×W×3, any values.

    Returns:
        uint8 H×W×3 RGB.
    """
    light = np.where(roots > _CORNER, roots * roots * roots, (roots - 4 / 29) * (3 * _CORNER**2))
    light *= STEPS * _FINER
    steps = np.asarray(cv2.transform(np.rint(light, out=light), _backward()), np.float64)
    return _level_of_step().take(np.clip(steps, 0, STEPS, out=steps).astype(np.uint16))


def map_chroma(image: Image, matrix: tuple[tuple[float, float], tuple[float, float]]) -> Image:
    """Multiply a and b by a matrix. L does not change, except by clipping, and grey stays grey.

    Args:
        image: uint8 H×W×3 RGB.
        matrix: (a by a, by b), (b by a, by b).

    Returns:
        A new image, uint8 H×W×3.
    """
    (aa, ab), (ba, bb) = matrix
    # u = x − y is a / 500, and v = y − z is b / 200.
    uu, uv, vu, vv = (round(_UNIT * value) / _UNIT for value in (aa, ab * 0.4, ba * 2.5, bb))
    rows = np.array(((uu, 1 - uu + uv, -uv), (0, 1, 0), (-vu, 1 + vu - vv, vv)))
    return map_roots(image, lambda roots: np.asarray(cv2.transform(roots, rows), np.float64))


def map_roots(image: Image, change: Callable[[Roots], Roots]) -> Image:
    """Change the roots of an image, pixel by pixel.

    Args:
        image: uint8 H×W×3 RGB.
        change: from roots to roots; it is called for some rows at a time.

    Returns:
        A new image, uint8 H×W×3.
    """
    result = np.empty(image.shape, np.uint8)
    for rows in row_chunks(image.shape):
        result[rows] = from_roots(change(to_roots(image[rows])))
    return result


@cache
def _steps_of_levels() -> NDArray[np.float64]:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    return np.rint(to_linear(levels).astype(np.float64) * STEPS)


@cache
def _forward() -> NDArray[np.float64]:
    """Return the matrix from steps of light to steps of X/Xn, Y/Yn and Z/Zn, with a half for rounding."""
    rows = np.array(_RGB_TO_XYZ)
    rows = np.rint(rows / rows.sum(axis=1, keepdims=True) * _UNIT)
    rows[:, 1] += _UNIT - rows.sum(axis=1)  # grey has X/Xn = Y/Yn = Z/Zn
    return np.column_stack([rows / _UNIT, np.full(3, 0.5)])


@cache
def _backward() -> NDArray[np.float64]:
    inverse = np.rint(np.linalg.inv(_forward()[:, :3]) * _UNIT)
    inverse[:, 1] += _UNIT - inverse.sum(axis=1)
    return np.column_stack([inverse / (_UNIT * _FINER), np.full(3, 0.5)])


@cache
def _root_of_light() -> Roots:
    light = (step / STEPS for step in range(STEPS + 1))
    roots = (t ** (1 / 3) if t > _CORNER**3 else t / (3 * _CORNER**2) + 4 / 29 for t in light)
    return np.array([round(root * _UNIT) / _UNIT for root in roots])


@cache
def _level_of_step() -> Image:
    return to_srgb((np.arange(STEPS + 1) / STEPS).astype(np.float32))
