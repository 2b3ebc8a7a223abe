"""Brown noise."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.power_law import add_power_law_noise
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.registry import register


@register
class BrownNoise(Distortion):
    """Noise of power 1/f², the coarsest of the family: clouds of colour."""

    source = "Zhang et al. 2018, Table 2, names brown as one end of its Gaussian colored noise; range not published"
    sigma = Severity(mild=1.2, severe=32.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma`, independent per channel."""
        return add_power_law_noise(image, noise_seed, sigma, beta=2.0)
