"""Deblurring: total variation."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Image
from bappsmith.distortions.parameters import Nuisance
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .blurring import Blurring
from .kernel import Kernel
from .non_blind import NonBlind, blurred
from .spectrum import Light, power, signal, spectrum, transfer

_WEIGHTS = tuple(2.0**k for k in range(9))
"""Weights of the coupling between gradients and their sparse copy, one after the other; the paper's go further."""
_STEPS = 2
"""Alternations at each weight."""


@register
class DeblurTotalVariation(NonBlind):
    """Blur, then minimise total variation + fidelity/2 · squared error, as FTVd does: flat areas with sharp edges."""

    source = "Wang, Yang, Yin and Zhang 2008 (FTVd); range ours"
    fidelity = Nuisance(2.0, 3.0, unit="powers of ten: weight of the data")

    def apply(
        self,
        view: View,
        *,
        kind: str,
        extent: float,
        angle: float,
        noise: float,
        sub_seed: int,
        extent_error: float,
        angle_error: float,
        fidelity: float,
    ) -> Image:
        """Apply to one patch; see the class."""
        seen = blurred(view, Blurring(kind, extent, angle, noise, sub_seed), extent_error, angle_error)
        return seen.cut(total_variation(seen.light, seen.kernel, 10.0**fidelity))


def total_variation(light: Light, kernel: Kernel, fidelity: float) -> Light:
    """Deconvolve an image: alternate between sparse gradients and the image that fits them and the data.

    Gradients of the three channels are shrunk together, so that edges keep their colour.

    Args:
        light: float32 H×W×3, taken as periodic.
        kernel: of the blur.
        fidelity: weight of the data.
    """
    shape = light.shape[:2]
    blur = transfer(kernel, shape)
    down = transfer(np.array([[0], [-1], [1]], np.float32)[::-1], shape)
    right = transfer(np.array([[0, -1, 1]], np.float32)[:, ::-1], shape)
    data = np.float32(fidelity) * blur.conj() * spectrum(light)
    known = np.float32(fidelity) * power(blur)
    smooth = power(down) + power(right)
    estimate = light
    for weight in map(np.float32, _WEIGHTS):
        for _ in range(_STEPS):
            rows = np.roll(estimate, -1, axis=0) - estimate
            columns = np.roll(estimate, -1, axis=1) - estimate
            length = np.sqrt((rows * rows + columns * columns).sum(axis=2, keepdims=True))
            shrink = np.maximum(0, 1 - 1 / (weight * np.maximum(length, np.float32(1e-9))))
            coupled = down.conj() * spectrum(rows * shrink) + right.conj() * spectrum(columns * shrink)
            estimate = signal(np.asarray((data + weight * coupled) / (known + weight * smooth), np.complex64), shape)
    return estimate
