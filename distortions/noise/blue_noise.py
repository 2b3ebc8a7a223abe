"""Blue noise."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.power_law import add_power_law_noise
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.registry import register


@register
class BlueNoise(Distortion):
    """Noise of power f: finer than white noise, without blotches."""

    source = "Zhang et al. 2018, Table 2 (Noise: blue); range not published"
    sigma = Severity(mild=2.2, severe=46.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma`, independent per channel."""
        return add_power_law_noise(image, noise_seed, sigma, beta=-1.0)
