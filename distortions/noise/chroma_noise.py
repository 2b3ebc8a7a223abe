"""Chroma noise."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.ycbcr import rgb_of_chroma
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class ChromaNoise(Distortion):
    """Gaussian noise in Cb and Cr only: specks of colour whose luma is that of the picture."""

    source = "Ponomarenko et al. 2015 (TID2013), type 2, noise stronger in colour than in luma; form and range ours"
    sigma = Severity(mild=2.5, severe=80.0, unit="levels of 255, in Cb and in Cr", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma` to Cb and to Cr, then round and clip RGB to [0, 255]."""
        chroma = normal_field(noise_seed, (2, *image.shape[:2]))
        chroma *= np.float32(sigma)
        return add_field(image, rgb_of_chroma(chroma[0], chroma[1]))
