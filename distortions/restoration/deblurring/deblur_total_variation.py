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
from .spectrum import Light, signal, spectrum, transfer

_ITERATIONS = 30
_LEAST = np.float32(1e-4)
"""Light that is taken as the least possible, and slope that is taken as flat."""


@register
class DeblurTotalVariation(NonBlind):
    """Blur, then Richardson–Lucy with total variation: flat areas with sharp edges, and fine texture is gone."""

    source = "Dey et al. 2006 (Richardson–Lucy with total variation regularization); range ours"
    weight = Nuisance(0.005, 0.04, unit="weight of the total variation")

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
        weight: float,
    ) -> Image:
        """Apply to one patch; see the class."""
        seen = blurred(view, Blurring(kind, extent, angle, noise, sub_seed), extent_error, angle_error)
        return seen.cut(total_variation(seen.light, seen.kernel, weight))


def total_variation(light: Light, kernel: Kernel, weight: float) -> Light:
    """Deconvolve an image: x ← x · Kᵀ(y / Kx) / (1 − weight · div(∇x / |∇x|)).

    Gradients of the three channels are divided by their common length, so that edges keep their colour.

    Args:
        light: y, float32 H×W×3, taken as periodic.
        kernel: of the blur.
        weight: of the total variation, under 1/4.
    """
    shape = light.shape[:2]
    blur = transfer(kernel, shape)
    light = np.maximum(light, _LEAST)
    estimate = light
    for _ in range(_ITERATIONS):
        ratio: Light = light / np.maximum(signal(spectrum(estimate) * blur, shape), _LEAST)
        sharper = estimate * np.maximum(signal(spectrum(ratio) * blur.conj(), shape), 0)
        estimate = sharper / (1 - np.float32(weight) * _curvature(estimate))
    return estimate


def _curvature(light: Light) -> Light:
    """Return the divergence of the directions of the gradients, in [-4, 4]."""
    rows, columns = (np.roll(light, -1, axis=axis) - light for axis in (0, 1))
    length = np.sqrt((rows * rows + columns * columns).sum(axis=2, keepdims=True) + _LEAST * _LEAST)
    rows, columns = rows / length, columns / length
    return rows - np.roll(rows, 1, axis=0) + columns - np.roll(columns, 1, axis=1)
