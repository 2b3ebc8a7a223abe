"""Anisotropic Gaussian blur."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.convolve import filter_levels, offsets
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class AnisotropicBlur(Distortion):
    """Gaussian blur that is stronger along one direction than across it.

    The kernel is exp(−(u²/σ² + v²/(ratio·σ)²)/2), u along and v across the direction, out to three σ.
    """

    source = "Zhang et al. 2021 (BSRGAN), anisotropic Gaussian kernels; range ours"
    sigma = Severity(mild=0.45, severe=3.5, unit="px along the direction", scale="log")
    ratio = Nuisance(0.2, 0.7, unit="σ across over σ along")
    angle = Nuisance(0, 180, unit="degrees")

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations, rounded up."""
        return math.ceil(3 * params["sigma"])

    def apply(self, view: View, *, sigma: float, ratio: float, angle: float) -> Image:
        """Blur with σ `sigma` along `angle` (from the rows' direction, clockwise) and `ratio`·`sigma` across."""
        x, y = offsets(math.ceil(3 * sigma))
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        along, across = x * cos + y * sin, (y * cos - x * sin) / ratio
        kernel = np.exp((along * along + across * across) * (-0.5 / (sigma * sigma)))
        return filter_levels(view, kernel)
