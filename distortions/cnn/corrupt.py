"""Corrupt the input of a denoising autoencoder, in the same way in training and in use."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.functional.power_law import power_law_field
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import normal_field

from .spec import Corruption


def corrupt(image: Image, kind: Corruption, amount: float, sub_seed: int) -> NDArray[np.float32]:
    """Return the corrupted input of a network.

    Args:
        image: uint8 H×W×3 RGB.
        kind: of corruption.
        amount: strength, see `NetworkSpec.amount`; 0 changes nothing.
        sub_seed: of the noise.

    Returns:
        float32 H×W×3 in about [-1, 1]; noise is not clipped.
    """
    height, width = image.shape[:2]
    signed = _signed(image)
    if kind == "none" or amount == 0:
        return signed
    if kind == "white_noise":
        return (signed + amount * normal_field(sub_seed, image.shape)).astype(np.float32)
    if kind == "pink_noise":
        return (signed + amount * power_law_field(sub_seed, height, width, 1.0)).astype(np.float32)
    if kind == "color_removal":
        grey = _signed(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None])
        return (signed + amount * (grey - signed)).astype(np.float32)
    size = (max(1, round(width * (1 - amount))), max(1, round(height * (1 - amount))))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return _signed(np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8))


def _signed(image: Image) -> NDArray[np.float32]:
    return image.astype(np.float32) / np.float32(127.5) - np.float32(1)
