"""What networks return, as levels of an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image


def to_levels(output: NDArray[np.float32]) -> Image:
    """Return the image of a network's output.

    Args:
        output: float32 H×W×3 in [-1, 1].

    Returns:
        uint8 H×W×3 RGB, rounded to the nearest level.
    """
    return np.rint((output + np.float32(1)) * np.float32(127.5)).astype(np.uint8)
