"""Curves from levels to levels, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

from .light import to_linear, to_srgb


def apply_curve(image: Image, curve: NDArray[np.float64]) -> Image:
    """Replace every level by that of a curve, for all channels alike.

    Args:
        image: uint8 H×W×3.
        curve: float64, 256 values in [0, 1]: what each level becomes. It is rounded.

    Returns:
        A new image, uint8 H×W×3.
    """
    return np.asarray(cv2.LUT(image, (curve * 255 + 0.5).astype(np.uint8)), np.uint8)


def multiply_light(image: Image, gains: Sequence[float]) -> Image:
    """Multiply linear light by a gain.

    Args:
        image: uint8 H×W×3 RGB.
        gains: one for all channels, or those of red, green and blue; at least 0.

    Returns:
        A new image, uint8 H×W×3, clipped and rounded to the nearest level.
    """
    light = _light_of_levels() * np.array(gains, np.float32)
    return np.asarray(cv2.LUT(image, to_srgb(light)), np.uint8)


def parabola(values: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """Return the parabola through (0, 0), (.5, middle) and (1, 1), clipped to [0, 1].

    Args:
        values: float64 in [0, 1], any shape.
        middle: in [0, 1].
    """
    bend = 2 - 4 * middle
    return np.clip((bend * values + (1 - bend)) * values, 0, 1)


@cache
def levels() -> NDArray[np.float64]:
    """Return the 256 levels as shares of white, in [0, 1]. Not to be modified."""
    values = np.arange(256) / 255
    values.setflags(write=False)
    return values


@cache
def _light_of_levels() -> NDArray[np.float32]:
    """Return the light of every level, float32 1×256×1."""
    return to_linear(np.arange(256, dtype=np.uint8)[None, :, None])
