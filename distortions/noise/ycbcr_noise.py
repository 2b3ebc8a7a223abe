"""Noise in Y'CbCr."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.ycbcr import rgb_of_chroma
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register

_LUMA, _CHROMA = 255 / 219, 255 / 224
"""Levels at full range per level of studio range: Y runs from 16 to 235, Cb and Cr from 16 to 240."""


@register
class YcbcrNoise(Distortion):
    """Gaussian noise of one standard deviation in Y, Cb and Cr: the noise of RGB has more colour, and is correlated."""

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), white noise in color component: σ 2.55 to 14 levels; range ours"
    sigma = Severity(mild=1.2, severe=36.0, unit="levels of studio range", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Add noise of standard deviation `sigma` to each component, then round and clip RGB to [0, 255]."""
        luma, blue, red = normal_field(noise_seed, (3, *image.shape[:2]))
        luma *= np.float32(_LUMA * sigma)
        blue *= np.float32(_CHROMA * sigma)
        red *= np.float32(_CHROMA * sigma)
        planes = rgb_of_chroma(blue, red)
        for plane in planes:
            plane += luma
        return add_field(image, planes)
