"""Darkening, as in contexts."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class ContextDarken(Distortion):
    """Brightness multiplied by one half to one tenth; a uniform severity gives the published U[.1, .5]."""

    source = "Pihlgren, Sandin and Liwicki 2023, darken: brightness × U[.1, .5]"
    calibrated = False
    brightness = Severity(mild=0.5, severe=0.1, unit="of the original")

    def apply(self, image: Image, *, brightness: float) -> Image:
        """Multiply every channel by `brightness`."""
        return np.asarray(cv2.convertScaleAbs(image, alpha=brightness), np.uint8)
