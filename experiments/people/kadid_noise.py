"""Noise and codecs of KADID-10k (Lin, Hosu and Saupe 2019).

Each function takes a float64 image H×W×3 in [0, 1] and returns one; values outside of [0, 1] are clipped by the caller.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage.color import rgb2ycbcr, ycbcr2rgb

Image = NDArray[np.float64]


def white_noise(image: Image, variance: float, rng: np.random.Generator) -> Image:
    """Add normal noise to RGB."""
    return image + rng.normal(0, np.sqrt(variance), image.shape)


def white_noise_color(image: Image, variance: float, rng: np.random.Generator) -> Image:
    """Add normal noise to Y, Cb and Cr in studio range (Y from 16 to 235), each divided by 255."""
    return ycbcr2rgb(rgb2ycbcr(image) + 255 * rng.normal(0, np.sqrt(variance), image.shape))


def impulse_noise(image: Image, density: float, rng: np.random.Generator) -> Image:
    """Set the share `density` of all values to 0 or 1, half each."""
    drawn = rng.random(image.shape)
    return np.where(drawn < density / 2, 0.0, np.where(drawn < density, 1.0, image))


def multiplicative_noise(image: Image, variance: float, rng: np.random.Generator) -> Image:
    """Multiply values by 1 + uniform noise of this variance."""
    half = np.sqrt(3 * variance)
    return image * (1 + rng.uniform(-half, half, image.shape))


def jpeg(image: Image, quality: float) -> Image:
    """Compress with JPEG at `quality`, 4:2:0."""
    return _through_codec(image, format="JPEG", quality=round(quality))


def jpeg2000(image: Image, ratio: float) -> Image:
    """Compress with JPEG 2000 to 1 / `ratio` of the size of the pixels, with the irreversible wavelet."""
    return _through_codec(image, format="JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True)


def _through_codec(image: Image, **options: Any) -> Image:
    stream = io.BytesIO()
    Pillow.fromarray(np.round(image * 255).astype(np.uint8)).save(stream, **options)
    with Pillow.open(stream) as decoded:
        return np.asarray(decoded.convert("RGB")) / 255
