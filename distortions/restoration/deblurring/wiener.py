"""The Wiener filter."""

from __future__ import annotations

import numpy as np

from .kernel import Kernel
from .spectrum import Light, power, signal, spectrum, transfer

LAPLACIAN: Kernel = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], np.float32)


def wiener(light: Light, kernel: Kernel, balance: float) -> Light:
    """Deconvolve an image: X = conj(H)·Y / (|H|² + balance·|L|²), with the Laplacian L.

    Args:
        light: float32 H×W×3, taken as periodic.
        kernel: of the blur.
        balance: weight of smoothness.
    """
    shape = light.shape[:2]
    blur, roughness = transfer(kernel, shape), transfer(LAPLACIAN, shape)
    return signal(spectrum(light) * blur.conj() / (power(blur) + np.float32(balance) * power(roughness)), shape)
