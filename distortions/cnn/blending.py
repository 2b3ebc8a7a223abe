"""Between an image and what a network returns for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Image


def blend(image: Image, output: NDArray[np.float32], strength: float) -> Image:
    """The image moved towards a network's output: x + strength·(output - x), rounded and clipped to [0, 255].

    Args:
        image: uint8 H×W×3.
        output: float32 H×W×3 in [-1, 1].
        strength: 0 gives the image, 1 the output; more exaggerates the difference.
    """
    levels = (output + np.float32(1)) * np.float32(127.5)
    mixed = image + np.float32(strength) * (levels - image)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
