"""Bilateral blur."""

from __future__ import annotations

import cv2

from ..base import Distortion, Image, Severity
from ..registry import register


@register
class BilateralBlur(Distortion):
    """Blur that spares edges: texture goes first, outlines last.

    Not portable: OpenCV's result moves by a level or so with the processor's SIMD level, and an
    own filter in numpy takes several times as long.
    """

    source = "Zhang et al. 2018, Table 2 (Blur: bilateral filtering); range not published"
    portable = False
    sigma_color = Severity(mild=15.0, severe=300.0, unit="levels of 255, summed over channels", scale="log")
    sigma_space = Severity(mild=1.0, severe=3.0, unit="px", scale="log")

    def apply(self, image: Image, *, sigma_color: float, sigma_space: float) -> Image:
        """Average within 4 px, weighted by nearness (`sigma_space`) and likeness (`sigma_color`)."""
        return cv2.bilateralFilter(image, 9, sigma_color, sigma_space, borderType=cv2.BORDER_REFLECT_101)
