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
    factor = Severity(mild=1.12, severe=6.0, unit="times", scale="log")
    direction = Choice(("less", "more"), unit="divide or multiply contrast by the factor")

    def apply(self, image: Image, *, factor: float, direction: str) -> Image:
        """Multiply the differences from the mean by `factor`, or divide them by it."""
        mean = sum(cv2.mean(image)[:3]) / 3
        # OpenCV transforms uint8 in whole 1024ths. A gain that is one leaves the mean where it is.
        gain = round(1024 * (factor if direction == "more" else 1 / factor)) / 1024
        offset = mean - gain * mean
        rows = ((gain, 0, 0, offset), (0, gain, 0, offset), (0, 0, gain, offset))
        return np.asarray(cv2.transform(image, np.array(rows, np.float32)), np.uint8)
