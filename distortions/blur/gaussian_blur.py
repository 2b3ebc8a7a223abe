"""Gaussian blur."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class GaussianBlur(Distortion):
    """Isotropic Gaussian blur."""

    source = "Zhang et al. 2018, Table 2 (Blur); range not published"
    sigma = Severity(mild=0.32, severe=2.2, unit="px", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations, where OpenCV ends the kernel, rounded up."""
        return math.ceil(3 * params["sigma"]) + 1

    def apply(self, view: View, *, sigma: float) -> Image:
        """Blur with a kernel of standard deviation `sigma` px, in OpenCV's fixed-point uint8 arithmetic."""
        blurred = np.asarray(cv2.GaussianBlur(view.image, (0, 0), sigma), np.uint8)
        return trimmed(blurred, view.margin)

    def library_call(self, image: Image, params: Params) -> Image:
        """Blur with OpenCV alone; borders are mirrored."""
        return np.asarray(cv2.GaussianBlur(image, (0, 0), params["sigma"]), np.uint8)
