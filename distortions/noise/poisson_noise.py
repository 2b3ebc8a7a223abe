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
    is shown in sRGB. Poisson numbers of mean λ come from normal numbers z by the expansion of Cornish and Fisher (1938)
    to the second order: λ + √λ·z + (z² - 1)/6, rounded. Below a quarter of a photon the last term fades with √λ, so
    that black stays black. The total variation from Poisson's distribution is below .01 from one photon on, below .04
    elsewhere.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C), shot noise, there of sRGB levels; range ours"
    light = "linear"
    photons = Severity(mild=6000.0, severe=12.0, unit="photons at white", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: NDArray[np.float32], *, photons: float, noise_seed: int) -> NDArray[np.float32]:
        """Count photons per pixel and channel, of which white has `photons` on average."""
        expected = image * np.float32(photons)
        root = np.sqrt(expected)
        normal = normal_field(noise_seed, image.shape)
        # To the left of the parabola's lowest point, counts would rise again.
        np.maximum(normal, np.float32(-3) * np.maximum(root, np.float32(0.5)), out=normal)
        counts = np.minimum(root, np.float32(0.5))
        counts *= np.float32(1 / 3)
        counts *= normal * normal - np.float32(1)
        root *= normal
        counts += root
        counts += expected
        np.rint(counts, out=counts)
        counts *= np.float32(1 / photons)
        return np.maximum(counts, np.float32(0), out=counts)
