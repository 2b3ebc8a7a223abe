"""Convolution and deconvolution by the Fourier transform, channel by channel."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# scipy has no stubs.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import Kernel

Light = NDArray[np.float32]
"""H×W×3 of linear light."""
Spectrum = NDArray[np.complex64]
"""H×(W/2 + 1)×3, or ×1 for all channels."""


def transfer(kernel: Kernel, shape: tuple[int, int]) -> Spectrum:
    """Return the transfer function of a kernel whose centre is its middle, for images of a shape: H×(W/2 + 1)×1."""
    from scipy import fft  # takes 0.1 s

    height, width = kernel.shape
    padded = np.zeros(shape, np.float32)
    padded[:height, :width] = kernel
    padded = np.roll(padded, (-(height // 2), -(width // 2)), axis=(0, 1))
    return np.asarray(fft.rfft2(padded), np.complex64)[..., None]


def spectrum(light: Light) -> Spectrum:
    """Return the Fourier transform of every channel."""
    from scipy import fft

    return np.asarray(fft.rfft2(light, axes=(0, 1)), np.complex64)


def signal(values: Spectrum, shape: tuple[int, int]) -> Light:
    """Return the image of a spectrum; the inverse of `spectrum`."""
    from scipy import fft

    return np.asarray(fft.irfft2(values, s=shape, axes=(0, 1)), np.float32)


def power(values: Spectrum) -> NDArray[np.float32]:
    """Return the squared magnitude of every value."""
    return values.real**2 + values.imag**2


def convolved(light: Light, kernel: Kernel) -> Light:
    """Convolve every channel with a kernel. The image is taken as periodic."""
    shape = light.shape[:2]
    return signal(spectrum(light) * transfer(kernel, shape), shape)


def tapered(light: Light, kernel: Kernel) -> Light:
    """Blur an image towards its border, where it would not fit its periodic copies; deconvolution would ring there.

    The weight of the blurred image at a pixel is the autocorrelation of the kernel's sums over rows and over columns.
    """
    inside = np.outer(*(_inside(kernel.sum(axis=axis), light.shape[1 - axis]) for axis in (1, 0)))[..., None]
    smooth = convolved(light, kernel)
    return np.asarray(smooth + inside * (light - smooth), np.float32)


def _inside(profile: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    correlation = np.correlate(profile, profile, "full")[len(profile) - 1 :]
    distance = np.minimum(np.arange(length), np.arange(length)[::-1])
    weight = np.zeros(length, np.float32)
    near = distance < len(correlation)
    weight[near] = correlation[distance[near]] / correlation[0]
    return 1 - weight
