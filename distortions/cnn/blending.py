"""Blend an image with the output of a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image


def blend(image: Image, output: NDArray[np.float32], weight: float) -> Image:
    """Mix an image with a network's output: x + weight·(output - x), rounded.

    Args:
        image: x, uint8 H×W×3 RGB.
        output: float32 H×W×3 in [-1, 1].
        weight: in [0, 1]; 0 gives the image, 1 the output.

    Returns:
        uint8 H×W×3 RGB.
    """
    levels = (output + np.float32(1)) * np.float32(127.5)
    mixed = image + np.float32(weight) * (levels - image)
    return np.rint(mixed).astype(np.uint8)
