"""Colour saturation in HSV, of KADID-10k."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Levels
from bappsmith.distortions.registry import register


@register
class Kadid10kColorSaturation1(Distortion):
    """The saturation of HSV is multiplied by `factor`; below 0, hues become their complement."""

    name = "kadid10k_color_saturation1"
    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color saturation 1"
    calibrated = False
    factor = Levels((0.4, 0.2, 0.1, 0.0, -0.4), unit="times the saturation")

    def apply(self, image: Image, *, factor: float) -> Image:
        """Scale the difference of every channel from the largest."""
        value = image.max(axis=2, keepdims=True).astype(np.int32)
        # Whole 1024ths, so that every processor rounds alike.
        kept = (value - image) * round(1024 * factor)
        return np.clip(value - ((kept + 512) >> 10), 0, 255).astype(np.uint8)
