"""Over-sharpening."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class OverSharpening(Distortion):
    """An unsharp mask, overdone: the difference of the image from its Gaussian blur is added once or several times.

    Edges get halos as wide as the blur, and fine noise grows.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), high sharpen, there of lightness with σ 3 px; range ours"
    amount = Severity(mild=0.15, severe=7.0, unit="times the difference", scale="log")
    sigma = Nuisance(0.7, 3.0, unit="px")

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations, where OpenCV ends the kernel, rounded up."""
        return math.ceil(3 * params["sigma"]) + 1

    def apply(self, view: View, *, amount: float, sigma: float) -> Image:
        """Add `amount` times the difference from a blur of σ `sigma`."""
        blurred = np.asarray(cv2.GaussianBlur(view.image, (0, 0), sigma), np.uint8)
        return trimmed(mix(view.image, blurred, -amount), view.margin)
