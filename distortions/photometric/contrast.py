"""Contrast."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class Contrast(Distortion):
    """Levels moved away from the patch's mean level, or towards it.

    The mean does not change (except by clipping), so this differs from a lightness shift.
    """

    source = "Zhang et al. 2018, Table 2 (Photometric: contrast); range not published"
    factor = Severity(mild=1.08, severe=5.5, unit="times", scale="log")
    direction = Choice(("less", "more"), unit="divide or multiply contrast by the factor")

    def apply(self, image: Image, *, factor: float, direction: str) -> Image:
        """Multiply the differences from the mean by `factor`, or divide them by it."""
        mean = sum(cv2.mean(image)[:3]) / 3
        # Whole 1024ths: the sums are exact in float32, whether or not the processor multiplies and adds in one step.
        gain = round(1024 * (factor if direction == "more" else 1 / factor)) / 1024
        offset = round(1024 * (mean - gain * mean)) / 1024
        return np.asarray(cv2.addWeighted(image, gain, image, 0, offset), np.uint8)
