"""Gaussian white noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class GaussianWhiteNoise(Distortion):
    """Independent Gaussian noise on every pixel and channel."""

    source = "Zhang et al. 2018, Table 2 (Noise); range not published"
    sigma = Severity(mild=1.5, severe=40.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma`, then round and clip to [0, 255]."""
        field = normal_field(noise_seed, image.shape)
        return add_field(image, np.multiply(field, np.float32(sigma), out=field))
