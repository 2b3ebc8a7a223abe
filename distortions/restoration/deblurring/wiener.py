"""The Wiener filter, with a limited reach."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# scipy has no stubs.

from __future__ import annotations

import numpy as np

from .kernel import Kernel
from .spectrum import Light, convolved, power, transfer

REACH = 30
"""Px to which the filter reaches: it falls to 0 there. Without a limit, it would ring as far as the image goes."""
_SIDE = 256
"""Side of the square on which the filter is computed, px."""


def wiener(light: Light, kernel: Kernel, balance: float) -> Light:
    """Deconvolve an image by the filter with the transfer function conj(H) / (|H|² + balance), limited to `REACH`.

    The filter is scaled to the sum 1, so that a plain image stays.

    Args:
        light: float32 H×W×3.
        kernel: of the blur.
        balance: power of noise over that of the image, the same at all frequencies.
    """
    return convolved(light, wiener_filter(kernel, balance))


def wiener_filter(kernel: Kernel, balance: float) -> Kernel:
    """Return the filter, (2·REACH + 1)², sum 1."""
    from scipy import fft

    blur = transfer(kernel, (_SIDE, _SIDE))[..., 0]
    whole = fft.irfft2(blur.conj() / (power(blur) + np.float32(balance)), s=(_SIDE, _SIDE))
    along = np.arange(-REACH, REACH + 1)
    window = np.cos(np.pi / 2 * along / (REACH + 1)) ** 2
    limited = np.asarray(whole)[np.ix_(along, along)] * np.outer(window, window)
    return (limited / limited.sum()).astype(np.float32)
