"""Cover parts of an image with a colour, in linear light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

from .light import to_linear, to_srgb


def cover(image: Image, opacity: NDArray[np.float32], colour: NDArray[np.float32]) -> Image:
    """Mix a colour in. Only the pixels that it covers are converted to linear light, and the others do not change.

    Args:
        image: uint8 H×W×3 RGB, in sRGB.
        opacity: float32 H×W in [0, 1].
        colour: float32, linear light of red, green and blue: 3, or H×W×3.

    Returns:
        A new image, uint8 H×W×3.
    """
    places = np.flatnonzero(opacity)
    result = np.array(image, order="C")
    pixels = result.reshape(-1, 3)
    light = to_linear(pixels[places])
    mixed = colour if colour.ndim == 1 else colour.reshape(-1, 3)[places]
    share = opacity.reshape(-1)[places, None]
    pixels[places] = to_srgb(np.asarray(light + (mixed - light) * share, np.float32))
    return result
