"""Gaussian noise that neighbouring pixels share."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import normal_field

_STEPS = 7000
"""Whole numbers per standard deviation before the filter. The largest of the noise, 4.33, fits into 16 bits."""


def correlated_field(sub_seed: int, shape: tuple[int, int, int], width: float) -> NDArray[np.float32]:
    """Draw white Gaussian noise, filtered by a Gaussian kernel: mean 0, standard deviation 1 at every pixel.

    The kernel ends at three standard deviations. The noise goes on beyond the border. OpenCV filters 16-bit whole
    numbers with the same result on every processor, unlike floats.

    Args:
        sub_seed: seed of the field.
        shape: height and width in px, and the number of channels, 1 to 4; they are independent.
        width: standard deviation of the kernel, px.

    Returns:
        float32 of the given shape.
    """
    height, width_px, channels = shape
    reach = math.ceil(3 * width)
    white = normal_field(sub_seed, (height + 2 * reach, width_px + 2 * reach, channels))
    white *= np.float32(_STEPS)
    white += np.float32(32768.5)  # the half rounds
    kernel = 2 * reach + 1
    filtered = cv2.GaussianBlur(white.astype(np.uint16), (kernel, kernel), width).reshape(white.shape)
    centred = filtered[reach : reach + height, reach : reach + width_px].astype(np.float32)
    centred -= np.float32(32768)
    weights = cv2.getGaussianKernel(kernel, width).ravel().tolist()
    centred *= np.float32(1 / (_STEPS * math.fsum(weight * weight for weight in weights)))
    return centred
