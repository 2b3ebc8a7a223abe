"""Gaussian coloured noise."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.power_law import add_power_law_noise
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register


@register
class GaussianColoredNoise(Distortion):
    """Noise of power 1/f^β, with β anywhere between violet (−2) and brown (2)."""

    source = "Zhang et al. 2018, Table 2 (Noise: Gaussian colored, between violet and brown); range not published"
    sigma = Severity(mild=5.0, severe=32.0, unit="levels of 255", scale="log")
    beta = Nuisance(-2.0, 2.0, unit="exponent of the power spectrum")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, beta: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma` and exponent `beta`, independent per channel."""
        return add_power_law_noise(image, noise_seed, sigma, beta)
