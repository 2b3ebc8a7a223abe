"""Violet noise."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.power_law import add_power_law_noise
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.registry import register


@register
class VioletNoise(Distortion):
    """Noise of power f², the finest of the family: close to the derivative of white noise."""

    source = "Zhang et al. 2018, Table 2, names violet as one end of its Gaussian colored noise; range not published"
    sigma = Severity(mild=3.0, severe=54.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma`, independent per channel."""
        return add_power_law_noise(image, noise_seed, sigma, beta=-2.0)
