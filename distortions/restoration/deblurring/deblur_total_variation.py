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

_ITERATIONS, _STEPS = 20, 2
"""Iterations, and steps of the denoising after each."""
_LEAST = np.float32(1e-4)
"""Light that is taken as the least possible."""


@register
class DeblurTotalVariation(NonBlind):
    """Blur, then Richardson–Lucy with total variation: flat areas with sharp edges, and fine texture is gone."""

    source = "after Dey et al. 2006 (Richardson–Lucy with total variation) and Chambolle 2004 (denoising); range ours"
    weight = Nuisance(-3.3, -2.3, unit="powers of ten: weight of the total variation")

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
        return seen.cut(total_variation(seen.light, seen.kernel, 10.0**weight))


def total_variation(light: Light, kernel: Kernel, weight: float) -> Light:
    """Deconvolve an image: alternate between an iteration of Richardson–Lucy and denoising by total variation.

    The square root of light is denoised, because the noise of light grows with it. Gradients of the three channels are
    limited together, so that edges keep their colour.

    Args:
        light: float32 H×W×3, taken as periodic.
        kernel: of the blur.
        weight: of the total variation in each denoising, for the squared error weighing 1/2.
    """
    shape = light.shape[:2]
    blur = transfer(kernel, shape)
    light = np.maximum(light, _LEAST)
    estimate, dual = light, np.zeros((2, *light.shape), np.float32)
    for _ in range(_ITERATIONS):
        seen = np.maximum(signal(spectrum(estimate) * blur, shape), _LEAST)
        ratio = np.asarray(light / seen, np.float32)
        sharper = estimate * np.maximum(signal(spectrum(ratio) * blur.conj(), shape), 0)
        estimate = _denoised(np.sqrt(sharper), np.float32(weight), dual) ** 2
    return estimate


def _denoised(image: Light, weight: np.float32, dual: Light) -> Light:
    """Take a few steps of the dual problem of denoising. `dual`, 2×H×W×3, is changed: the next call goes on from it."""
    for _ in range(_STEPS):
        estimate = image + weight * _divergence(dual)
        dual += np.stack([np.roll(estimate, -1, axis=axis) - estimate for axis in (0, 1)]) / (8 * weight)
        dual /= np.maximum(1, np.sqrt((dual * dual).sum(axis=(0, 3), keepdims=True)))
    return np.asarray(image + weight * _divergence(dual), np.float32)


def _divergence(dual: Light) -> Light:
    rows, columns = dual
    return rows - np.roll(rows, 1, axis=0) + columns - np.roll(columns, 1, axis=1)
