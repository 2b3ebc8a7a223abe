"""A displaced green channel, of KADID-10k."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Levels, Nuisance
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_BLUR = 9
"""Reach of the gradient and of its blur (σ 4 px, cut off at 2 σ), px."""


@register
class Kadid10kColorShift(Distortion):
    """Green is displaced by `distance` px to the right and below, and blended in where the image has edges.

    The weight is the length of the gradient, blurred with σ 4 px, from 0 for the least in the patch to 1 for the most.
    KADID-10k takes least and most from the whole photograph, and clips the outer percents.
    """

    name = "kadid10k_color_shift"
    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color shift"
    calibrated = False
    portable = False
    distance = Levels((1, 3, 6, 8, 12), unit="px")
    angle = Nuisance(0, 90, unit="degrees, below the horizontal")

    def margin(self, side: int, params: Params) -> int:
        """Return the larger of the displacement and the reach of the weight."""
        return max(params["distance"], _BLUR)

    def apply(self, view: View, *, distance: int, angle: float) -> Image:
        """Blend green with displaced green."""
        grey = np.asarray(cv2.cvtColor(view.image, cv2.COLOR_RGB2GRAY), np.float32)
        across = np.asarray(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1), np.float32)
        down = np.asarray(cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1), np.float32)
        edges = np.asarray(cv2.GaussianBlur(np.hypot(across, down), (17, 17), 4), np.float32)
        edges = edges[view.margin : -view.margin, view.margin : -view.margin]
        weight = (edges - edges.min()) / max(float(np.ptp(edges)), 1e-6)
        right, below = (round(distance * part(math.radians(angle))) for part in (math.cos, math.sin))
        (height, width), margin = view.shape, view.margin
        moved = view.image[margin - below : margin - below + height, margin - right : margin - right + width, 1]
        result = trimmed(view.image, margin).copy()
        green = result[..., 1].astype(np.float32)
        result[..., 1] = np.rint(green + (moved - green) * weight).astype(np.uint8)
        return result
