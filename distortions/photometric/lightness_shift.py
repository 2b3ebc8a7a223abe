"""Lightness shift."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class LightnessShift(Distortion):
    """All channels raised or lowered by the same number of levels; results are clipped to [0, 255]."""

    source = "Zhang et al. 2018, Table 2 (Photometric: lightness shift); range not published"
    amount = Severity(mild=8.0, severe=130.0, unit="levels of 255", scale="log", whole=True)
    direction = Choice(("darker", "lighter"), unit="direction of the shift")

    def apply(self, image: Image, *, amount: int, direction: str) -> Image:
        """Add `amount` levels to every channel, or subtract them."""
        levels = np.array((amount, amount, amount, 0), np.float64)  # a scalar of OpenCV has four values
        return np.asarray(cv2.add(image, levels) if direction == "lighter" else cv2.subtract(image, levels), np.uint8)
