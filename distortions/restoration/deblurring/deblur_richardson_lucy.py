"""Deblurring: Richardson–Lucy."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Image
from bappsmith.distortions.parameters import Nuisance
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .blurring import Blurring
from .kernel import Kernel
from .non_blind import NonBlind, blurred
from .spectrum import Light, signal, spectrum, transfer

_LEAST = np.float32(1e-4)
"""Light that is taken as the least possible."""


@register
class DeblurRichardsonLucy(NonBlind):
    """Blur, then Richardson and Lucy's iteration: x ← x · Kᵀ(y / Kx), for y the blurred patch and K the kernel.

    Many iterations sharpen, ring at edges, and turn noise into speckles.
    """

    source = "Richardson 1972; Lucy 1974; range of iterations ours"
    iterations = Nuisance(6, 30, unit="iterations", whole=True)

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
        iterations: int,
    ) -> Image:
        """Apply to one patch; see the class."""
        seen = blurred(view, Blurring(kind, extent, angle, noise, sub_seed), extent_error, angle_error)
        return seen.cut(richardson_lucy(seen.light, seen.kernel, iterations))


def richardson_lucy(light: Light, kernel: Kernel, iterations: int) -> Light:
    """Deconvolve an image.

    Args:
        light: float32 H×W×3, taken as periodic.
        kernel: of the blur.
        iterations: number of corrections.
    """
    shape = light.shape[:2]
    blur = transfer(kernel, shape)
    light = np.maximum(light, _LEAST)
    estimate = light
    for _ in range(iterations):
        seen = np.maximum(signal(spectrum(estimate) * blur, shape), _LEAST)
        ratio = np.asarray(light / seen, np.float32)
        estimate = estimate * np.maximum(signal(spectrum(ratio) * blur.conj(), shape), 0)
    return estimate
