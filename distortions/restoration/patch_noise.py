"""Noise of a degraded image that does not depend on how far its surroundings reach."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import normal_field

AROUND = 64
"""Px around the patch after which the noise repeats itself."""


def with_noise(image: Image, sigma: float, sub_seed: int, origin: tuple[int, int], patch: tuple[int, int]) -> Image:
    """Add white noise that is the same in the patch for any margin, so that all algorithms get the same pixels.

    Args:
        image: uint8 H×W×3 RGB: a patch with surroundings.
        sigma: standard deviation, levels of 255.
        sub_seed: of the noise.
        origin: row and column of the patch in the image.
        patch: height and width of the patch, px.

    Returns:
        A new image, uint8 H×W×3 RGB.
    """
    field = normal_field(sub_seed, (patch[0] + AROUND, patch[1] + AROUND, 3))
    for axis in (0, 1):
        first, length = -origin[axis], int(image.shape[axis])
        field = np.take(field, np.arange(first, first + length), axis=axis, mode="wrap")
    return add_field(image, field * np.float32(sigma))
