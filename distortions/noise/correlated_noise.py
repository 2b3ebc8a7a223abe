"""Spatially correlated noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.correlated_field import correlated_field
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register


@register
class CorrelatedNoise(Distortion):
    """Gaussian noise filtered by a small Gaussian kernel: soft specks of one size, such as noise that was upscaled."""

    source = "Ponomarenko et al. 2015 (TID2013), type 3, spatially correlated noise; kernel and range ours"
    sigma = Severity(mild=1.3, severe=34.0, unit="levels of 255", scale="log")
    width = Nuisance(0.5, 2.0, unit="px, standard deviation of the kernel")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, width: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma` after the filter, independent per channel."""
        field = correlated_field(noise_seed, image.shape, width)
        return add_field(image, np.multiply(field, np.float32(sigma), out=field))
