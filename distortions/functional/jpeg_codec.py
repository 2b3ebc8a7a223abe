"""Baseline JPEG in memory."""

from __future__ import annotations

import cv2

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue

from .opencv_codec import opencv_coded

_FACTORS = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}
BLOCKS = {"4:2:0": 16, "4:4:4": 8}
"""Side in px of the blocks that are encoded together, by resolution of chroma."""
SAMPLING = Choice(("4:2:0", "4:4:4"), unit="resolution of chroma", weights=(3, 1))


def phase_of(sampling: str) -> PerValue:
    """Declare the position of the grid along an axis.

    Args:
        sampling: name of the parameter that holds the resolution of chroma.
    """
    return PerValue(sampling, {name: Nuisance(0, block - 1, unit="px", whole=True) for name, block in BLOCKS.items()})


def jpeg_coded(image: Image, quality: int, sampling: str) -> Image:
    """Encode an image as JPEG and decode it.

    Args:
        image: uint8 H×W×3 RGB.
        quality: 1 to 100, on libjpeg's scale.
        sampling: a key of `BLOCKS`.

    Returns:
        A new image, uint8 H×W×3 RGB.
    """
    settings = (cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _FACTORS[sampling])
    return opencv_coded(image, ".jpg", *settings)
