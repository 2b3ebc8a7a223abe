"""Poisson noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class PoissonNoise(Distortion):
    """Shot noise: every pixel counts single photons, a Poisson number whose mean is its light.

    The noise of a light L in [0, 1] has the standard deviation √(L / photons), and is strongest in the shadows once it
    is shown in sRGB. Poisson numbers come from normal ones z by the expansion of Cornish and Fisher (1938) to the
    second order: the count is (z + 3√λ)²/6 - λ/2 - 1/6, rounded, for the mean λ. From one expected photon on, its
    distribution is within .01 of Poisson's (total variation), below within .04.
    """

    source = "Hendrycks and Dietterich 2019, ImageNet-C (shot noise), there in sRGB and not in linear light; range ours"
    light = "linear"
    photons = Severity(mild=6000.0, severe=12.0, unit="photons at white", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: NDArray[np.float32], *, photons: float, noise_seed: int) -> NDArray[np.float32]:
        """Count photons per pixel and channel, of which white has `photons` on average."""
        expected = image * np.float32(photons)
        counts = np.sqrt(expected)
        counts *= np.float32(3)
        counts += normal_field(noise_seed, image.shape)
        np.maximum(counts, np.float32(0), out=counts)
        counts *= counts
        counts *= np.float32(1 / 6)
        expected *= np.float32(0.5)
        counts -= expected
        counts -= np.float32(1 / 6)
        np.rint(counts, out=counts)
        counts *= np.float32(1 / photons)
        return np.maximum(counts, np.float32(0), out=counts)
