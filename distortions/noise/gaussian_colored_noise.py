"""Gaussian coloured noise."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.power_law import add_power_law_noise
from bappsmith.distortions.parameters import Choice, PerValue, Severity, SubSeed
from bappsmith.distortions.registry import register

_ENDS = {
    -2.0: (3.0, 54.0),
    -1.5: (2.6, 50.0),
    -1.0: (2.2, 46.0),
    -0.5: (1.85, 43.0),
    0.0: (1.5, 40.0),
    0.5: (1.45, 37.0),
    1.0: (1.4, 34.0),
    1.5: (1.3, 33.0),
    2.0: (1.2, 32.0),
}
"""β → mild and severe σ. Those of a named colour are the ends of its operator, those between are their means."""


@register
class GaussianColoredNoise(Distortion):
    """Noise of power 1/f^β, with β from violet (−2) to brown (2).

    σ depends on β, so that equal noise has the same severity here as in the operators of the named colours.
    """

    source = "Zhang et al. 2018, Table 2 (Noise: Gaussian colored, between violet and brown); range not published"
    beta = Choice(tuple(_ENDS), unit="exponent of the power spectrum")
    sigma = PerValue(
        "beta",
        {beta: Severity(mild, severe, unit="levels of 255", scale="log") for beta, (mild, severe) in _ENDS.items()},
    )
    noise_seed = SubSeed()

    def apply(self, image: Image, *, beta: float, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma` and exponent `beta`, independent per channel."""
        return add_power_law_noise(image, noise_seed, sigma, beta)
