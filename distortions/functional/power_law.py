"""Coloured noise: one family with the exponent of its power spectrum as the parameter."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy has no stubs.

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Image
from bappsmith.distortions.random import normal_field


@lru_cache(maxsize=64)
def _radius(height: int, width: int) -> NDArray[np.float64]:
    """Spatial frequency of every bin of a real FFT, in cycles per pixel; infinite at DC."""
    index = np.arange(height)[:, None]
    rows = np.minimum(index, height - index) / height
    columns = np.arange(width // 2 + 1) / width
    radius = np.sqrt(rows * rows + columns * columns)
    radius[0, 0] = np.inf
    return radius


def _amplitude(height: int, width: int, beta: float) -> NDArray[np.float64]:
    """Amplitude per frequency bin, ∝ f^(−β/2), for noise of power 1/f^β and unit variance."""
    radius = _radius(height, width)
    amplitude = np.where(np.isinf(radius), 0.0, radius ** (-beta / 2))
    # A real FFT stores one of each pair of conjugate bins. The first column, and the last of an even
    # width, hold both of a pair: the inverse keeps half of what is drawn there.
    whole = np.ones(radius.shape[1])
    whole[1 : (width + 1) // 2] = 2
    power = float((amplitude * amplitude * whole).sum())
    return amplitude / np.sqrt(whole * power)


@lru_cache(maxsize=64)
def _amplitude_of_color(height: int, width: int, beta: int) -> NDArray[np.float64]:
    """The same for the whole exponents of the named colours, which come again with every patch of a size."""
    return _amplitude(height, width, beta)


def power_law_field(sub_seed: int, height: int, width: int, beta: float) -> NDArray[np.float64]:
    """Gaussian noise with power spectrum 1/f^β and without a mean, H×W×3, unit standard deviation.

    It is drawn as a spectrum, which saves one of two transforms. Channels are independent, as they
    are for white noise, and each has its standard deviation in expectation: the redder the noise, the
    more a patch's own departs from it. scipy's FFT is used because numpy's changes with the
    processor's SIMD level.

    Args:
        sub_seed: seed of the field.
        height: rows.
        width: columns.
        beta: exponent; 0 white, 1 pink, 2 brown, −1 blue, −2 violet.

    Returns:
        The field; exactly periodic, as every field made by FFT.
    """
    from scipy import fft  # takes a tenth of a second: only where coloured noise is made

    draws = normal_field(sub_seed, (3, height, width // 2 + 1, 2))
    named = float(beta).is_integer()  # an exponent drawn from a range hardly ever is, and never comes again
    amplitude = _amplitude_of_color(height, width, int(beta)) if named else _amplitude(height, width, beta)
    spectrum = draws.view(np.complex64)[..., 0] * amplitude
    field = np.asarray(fft.irfft2(spectrum, s=(height, width), norm="forward"))
    return field.transpose(1, 2, 0)


def add_power_law_noise(image: Image, sub_seed: int, sigma: float, beta: float) -> Image:
    """The image with noise of power 1/f^β and standard deviation `sigma`, rounded and clipped."""
    field = power_law_field(sub_seed, image.shape[0], image.shape[1], beta)
    return np.clip(np.rint(image + sigma * field), 0, 255).astype(np.uint8)
