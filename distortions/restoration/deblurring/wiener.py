"""The Wiener filter."""

from __future__ import annotations

import numpy as np

from .kernel import Kernel
from .spectrum import Light, power, signal, spectrum, transfer


def wiener(light: Light, kernel: Kernel, balance: float) -> Light:
    """Deconvolve an image: X = conj(H)·Y / (|H|² + balance).

    Args:
        light: float32 H×W×3, taken as periodic.
        kernel: of the blur.
        balance: power of noise over that of the image, the same at all frequencies.
    """
    shape = light.shape[:2]
    blur = transfer(kernel, shape)
    return signal(spectrum(light) * blur.conj() / (power(blur) + np.float32(balance)), shape)
