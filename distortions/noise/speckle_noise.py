"""Speckle noise."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register


@register
class SpeckleNoise(Distortion):
    """Multiplicative noise: every value times 1 + Gaussian noise, so that black stays clean and white suffers most."""

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), multiplicative noise: σ .03 to .22, there uniform; Hendrycks "
        "and Dietterich 2019 (ImageNet-C), speckle noise; range ours"
    )
    sigma = Severity(mild=0.012, severe=0.4, unit="of the value", scale="log")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, noise_seed: int) -> Image:
        """Multiply by numbers of mean 1 and standard deviation `sigma`, then round and clip to [0, 255]."""
        factors = normal_field(noise_seed, image.shape)
        factors *= np.float32(sigma)
        factors += np.float32(1)
        return np.asarray(cv2.multiply(image, factors, dtype=cv2.CV_8U), np.uint8)
