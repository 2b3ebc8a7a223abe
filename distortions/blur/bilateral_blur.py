"""Bilateral blur."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class BilateralBlur(Distortion):
    """Blur that keeps edges: texture disappears first, outlines last.

    It is not portable: OpenCV's result changes by about one level with the processor's SIMD level. A filter in numpy
    would take several times as long.
    """

    source = "Zhang et al. 2018, Table 2 (Blur: bilateral filtering); range not published"
    portable = False
    sigma_color = Severity(mild=30.0, severe=600.0, unit="levels of 255, summed over channels", scale="log")

    def apply(self, image: Image, *, sigma_color: float) -> Image:
        """Average within 4 px, weighted by distance (σ 3 px) and by similarity of colour (σ `sigma_color`)."""
        blurred = cv2.bilateralFilter(image, 9, sigma_color, 3.0, borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(blurred, np.uint8)
