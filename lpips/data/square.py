"""Bring images of all sizes to one size, so that metrics can compare them position by position."""

from __future__ import annotations

import numpy as np
from PIL import Image as PIL

from .decode import Pixels

SIZE = 224
"""Default side, px: what the published code of VSD (Barkan et al. 2023) gives to networks."""


def to_square(image: Pixels, size: int = SIZE) -> Pixels:
    """Scale an image to size×size px. The whole image is kept, and its aspect ratio is not.

    Bilinear, antialiased when reduced (Pillow), as in the published code of VSD. An image of that size is not changed.

    Args:
        image: uint8 H×W×3.
        size: side, px.

    Returns:
        uint8 size×size×3.
    """
    if image.shape[:2] == (size, size):
        return image
    return np.asarray(PIL.fromarray(image).resize((size, size), PIL.Resampling.BILINEAR))
