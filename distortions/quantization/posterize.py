"""Posterize."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register


@register
class Posterize(Distortion):
    """Uniform quantization: every value becomes the middle of its step, so that gradients turn into bands.

    Where the steps start is drawn, the same for all channels: no level is always kept, and grey stays grey.
    KADID-10k takes thresholds of the whole picture's histogram (Otsu 1979) in place of equal steps. A patch does
    not have that histogram, so equal steps stand for them here.
    """

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), quantization: 20 to 7 thresholds; Ponomarenko et al. 2015 "
        "(TID2013), type 7; range ours"
    )
    step = Severity(mild=4.0, severe=60.0, unit="levels of 255", scale="log")
    offset = Nuisance(0.0, 1.0, unit="steps, where the first step starts")

    def apply(self, image: Image, *, step: float, offset: float) -> Image:
        """Replace every value by the middle of its step, rounded and clipped to [0, 255]."""
        steps = np.floor(np.arange(256) / step + offset) + 0.5 - offset
        table = np.rint(np.clip(steps * step, 0, 255)).astype(np.uint8)
        return np.asarray(cv2.LUT(image, table), np.uint8)
