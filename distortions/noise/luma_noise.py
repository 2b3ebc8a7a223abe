"""Luma noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class LumaNoise(Distortion):
    """Gaussian noise in luma only: grey grain. All channels of a pixel get the same number, so that chroma stays."""

    source = "ITU-R BT.601, luma: the counterpart of chroma_noise; range ours"
    sigma = Severity(mild=1.3, severe=40.0, unit="levels of 255", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma`, then round and clip to [0, 255]."""
        field = normal_field(noise_seed, image.shape[:2])
        field *= np.float32(sigma)
        return add_field(image, field)
