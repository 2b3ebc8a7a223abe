"""Bilateral blur."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_RADIUS = 4
"""Of the filter, px."""


@register
class BilateralBlur(Distortion):
    """Blur that keeps edges: texture disappears first, outlines last.

    It is not portable: OpenCV's result changes by about one level with the processor's SIMD level. A filter in numpy
    would take several times as long.
    """

    source = "Zhang et al. 2018, Table 2 (Blur: bilateral filtering); range not published"
    portable = False
    sigma_color = Severity(mild=12.0, severe=500.0, unit="levels of 255, summed over channels", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return the radius of the filter."""
        return _RADIUS

    def apply(self, view: View, *, sigma_color: float) -> Image:
        """Average within 4 px, weighted by distance (σ 3 px) and by similarity of colour (σ `sigma_color`)."""
        blurred = np.asarray(cv2.bilateralFilter(view.image, 2 * _RADIUS + 1, sigma_color, 3.0), np.uint8)
        return trimmed(blurred, view.margin)

    def library_call(self, image: Image, params: Params) -> Image:
        """Filter with OpenCV alone; borders are mirrored."""
        return np.asarray(cv2.bilateralFilter(image, 2 * _RADIUS + 1, params["sigma_color"], 3.0), np.uint8)
