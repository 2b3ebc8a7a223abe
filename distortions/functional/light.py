"""Convert between sRGB levels and linear light, by tables (sRGB transfer function, IEC 61966-2-1).

Sums of light, such as blur, noise of a sensor and exposure, are physical only in linear light.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

STEPS = 65535
"""Steps of the table from linear light to levels. The darkest levels are 20 steps apart."""
_PIECE = 1 << 14
"""Values that are converted at once. Memory for arrays beyond 128 KiB can be new at every call, and slow to write."""


def to_linear(image: Image) -> NDArray[np.float32]:
    """Return the linear light of an image.

    Args:
        image: uint8 H×W×3 RGB, in sRGB.

    Returns:
        float32 H×W×3 in [0, 1].
    """
    return _light_of_levels().take(image)


def to_srgb(light: NDArray[np.float32]) -> Image:
    """Return the nearest sRGB levels of linear light: the inverse of `to_linear`, exact for all 256 levels.

    Args:
        light: float32 H×W×3; values outside of [0, 1] are clipped. Light is rounded to 1/65535 first: a value that
            is less than 1/40 of a level from the middle between two levels may get either.

    Returns:
        uint8 H×W×3 RGB.
    """
    values = light.reshape(-1)
    levels = np.empty(values.size, np.uint8)
    for start in range(0, values.size, _PIECE):
        steps = np.clip(values[start : start + _PIECE], 0.0, 1.0)
        steps *= np.float32(STEPS)
        levels[start : start + _PIECE] = _levels_of_light().take(np.rint(steps, out=steps).astype(np.uint16))
    return levels.reshape(light.shape)


def _light(level: float) -> float:
    """Return the linear light of an sRGB level in [0, 255]."""
    encoded = level / 255
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


@cache
def _light_of_levels() -> NDArray[np.float32]:
    return np.array([_light(level) for level in range(256)], np.float32)


@cache
def _levels_of_light() -> NDArray[np.uint8]:
    middles = [_light(level + 0.5) for level in range(255)]
    return np.searchsorted(middles, np.arange(STEPS + 1) / STEPS).astype(np.uint8)
