"""Impulse noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register


@register
class ImpulseNoise(Distortion):
    """Salt and pepper: single values become 0 or 255, independently per channel, so that dots are coloured."""

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), impulse noise: densities .001 to .03; Ponomarenko et al. 2015 "
        "(TID2013), type 6; Hendrycks and Dietterich 2019 (ImageNet-C), impulse noise; range ours"
    )
    density = Severity(mild=0.00015, severe=0.06, unit="share of all values", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, density: float, noise_seed: int) -> Image:
        """Set the share `density` of all values to 0 or 255, half each."""
        drawn = uniform_field(noise_seed, image.shape)
        # A mask of bits has 255 where its condition is true: or sets a value to 255, and-not to 0.
        salt = np.negative((drawn > np.float32(1 - density)).view(np.uint8))
        pepper = np.negative((drawn < np.float32(density - 1)).view(np.uint8))
        return (image | salt) & ~pepper
