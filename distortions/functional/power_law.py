"""Coloured noise: one family, with the exponent of the power spectrum as parameter."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy has no stubs.

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import normal_field

from .add_field import add_field


@lru_cache(maxsize=64)
def _amplitude(height: int, width: int, beta: float) -> NDArray[np.float32]:
    """Return the amplitude per bin of a real FFT, ∝ f^(−β/2), for noise of power 1/f^β and unit variance."""
    index = np.arange(height)[:, None]
    rows = np.minimum(index, height - index) / height
    columns = np.arange(width // 2 + 1) / width
    radius = np.sqrt(rows * rows + columns * columns)  # cycles per pixel
    radius[0, 0] = np.inf
    amplitude = np.where(np.isinf(radius), 0.0, radius ** (-beta / 2))
    # A real FFT stores one of each pair of conjugate bins. The first column, and the last one of an even width, hold
    # both bins of a pair: the inverse transform keeps half of the variance that is drawn there.
    whole = np.ones(radius.shape[1])
    whole[1 : (width + 1) // 2] = 2
    power = float((amplitude * amplitude * whole).sum())
    return (amplitude / np.sqrt(whole * power)).astype(np.float32)


def power_law_field(sub_seed: int, height: int, width: int, beta: float) -> NDArray[np.float32]:
    """Draw Gaussian noise with power spectrum 1/f^β, mean 0 and expected standard deviation 1.

    The spectrum is drawn directly, which saves one of two transforms. Channels are independent. The standard deviation
    of a single patch differs from 1, more so for redder noise. scipy's FFT is used because the result of numpy's
    changes with the processor's SIMD level.

    Args:
        sub_seed: seed of the field.
        height: number of rows, px.
        width: number of columns, px.
        beta: exponent; 0 white, 1 pink, 2 brown, −1 blue, −2 violet.

    Returns:
        float32 H×W×3; the field is exactly periodic.
    """
    from scipy import fft  # takes 0.1 s: import it only if coloured noise is made

    spectrum = normal_field(sub_seed, (3, height, width // 2 + 1, 2))
    spectrum *= _amplitude(height, width, beta)[:, :, None]
    field = fft.irfft2(spectrum.view(np.complex64)[..., 0], s=(height, width), norm="forward", overwrite_x=True)
    return np.asarray(cv2.merge(list(np.asarray(field, np.float32))), np.float32)


def add_power_law_noise(image: Image, sub_seed: int, sigma: float, beta: float) -> Image:
    """Add noise of power 1/f^β to an image.

    Args:
        image: uint8 H×W×3.
        sub_seed: seed of the noise.
        sigma: expected standard deviation, levels of 255.
        beta: see `power_law_field`.

    Returns:
        A new image, uint8 H×W×3, rounded and clipped to [0, 255].
    """
    field = power_law_field(sub_seed, image.shape[0], image.shape[1], beta)
    return add_field(image, np.multiply(field, np.float32(sigma), out=field))
