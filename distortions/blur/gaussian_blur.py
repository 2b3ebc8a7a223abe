"""Gaussian blur."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class GaussianBlur(Distortion):
    """Isotropic Gaussian blur with mirrored borders."""

    source = "Zhang et al. 2018, Table 2 (Blur); range not published"
    sigma = Severity(mild=0.4, severe=2.2, unit="px", scale="log")

    def apply(self, image: Image, *, sigma: float) -> Image:
        """Blur with a kernel of standard deviation `sigma` px, in OpenCV's fixed-point uint8 arithmetic."""
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
