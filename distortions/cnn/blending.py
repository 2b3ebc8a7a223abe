"""Blend an image with the output of a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image


def blend(image: Image, output: NDArray[np.float32], strength: float) -> Image:
    """Move an image towards a network's output: x + strength·(output - x), rounded and clipped to [0, 255].

    Args:
        image: x, uint8 H×W×3 RGB.
        output: float32 H×W×3 in [-1, 1].
        strength: 0 gives the image, 1 the output; larger values exaggerate the difference.

    Returns:
        uint8 H×W×3 RGB.
    """
    levels = (output + np.float32(1)) * np.float32(127.5)
    mixed = image + np.float32(strength) * (levels - image)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
