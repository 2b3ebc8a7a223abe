"""Contrast."""

from __future__ import annotations

import cv2

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import scale_levels
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class Contrast(Distortion):
    """Levels moved away from the patch's mean level, or towards it.

    The mean does not change (except by clipping), so this differs from a lightness shift.
    """

    source = "Zhang et al. 2018, Table 2 (Photometric: contrast); range not published"
    factor = Severity(mild=1.12, severe=6.0, unit="times", scale="log")
    direction = Choice(("less", "more"), unit="divide or multiply contrast by the factor")

    def apply(self, image: Image, *, factor: float, direction: str) -> Image:
        """Multiply the differences from the mean by `factor`, or divide them by it."""
        mean = sum(cv2.mean(image)[:3]) / 3
        gain = factor if direction == "more" else 1 / factor
        return scale_levels(image, gain, mean)
