"""Uniform white noise."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register


@register
class UniformWhiteNoise(Distortion):
    """Independent, uniformly distributed noise on every pixel and channel."""

    source = "Zhang et al. 2018, Table 2 (Noise: uniform white); range not published"
    sigma = Severity(mild=1.5, severe=40.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise in ±√3 σ, whose standard deviation is `sigma`, then round and clip to [0, 255]."""
        field = uniform_field(noise_seed, image.shape)
        return add_field(image, np.multiply(field, np.float32(math.sqrt(3) * sigma), out=field))
