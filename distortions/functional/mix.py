"""Mix two images, with the same rounding on every processor."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.image import Image


def mix(image: Image, other: Image, weight: float) -> Image:
    """Move an image towards another image, or away from it: (1 - weight)·image + weight·other.

    OpenCV's addWeighted rounds halves differently if the processor multiplies and adds in one step. Here every step is
    rounded separately.

    Args:
        image: uint8 H×W×3.
        other: uint8, broadcast to the same shape.
        weight: 0 gives the image, 1 the other; below 0 the difference between them grows.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    mixed = image * np.float32(1 - weight) + other * np.float32(weight)
    return np.clip(np.rint(mixed, out=mixed), 0, 255, out=mixed).astype(np.uint8)
