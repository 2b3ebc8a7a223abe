"""Median blur."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class MedianBlur(Distortion):
    """The median of each channel over a square of pixels: specks and thin lines vanish, edges stay.

    Squares have 1, 3, 5, 7 … px a side, a radius of 0, 1, 2, 3 … px. A radius between mixes the medians of both.
    The severe end is a damage of 2.7 points: larger squares cost OpenCV's slower algorithm time.
    """

    source = "OpenCV, medianBlur; range ours"
    radius = Severity(mild=0.15, severe=3.0, unit="px", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return the larger radius."""
        return math.ceil(params["radius"])

    def apply(self, view: View, *, radius: float) -> Image:
        """Take medians over squares of 2·`radius` + 1 px a side."""
        lower = math.floor(radius)
        smaller = _median(view.image, lower)
        larger = _median(view.image, math.ceil(radius))
        return trimmed(mix(smaller, larger, radius - lower), view.margin)

    def library_call(self, image: Image, params: Params) -> Image:
        """Take medians with OpenCV alone, over the larger square."""
        return _median(image, math.ceil(params["radius"]))


def _median(image: Image, radius: int) -> Image:
    return np.asarray(cv2.medianBlur(image, 2 * radius + 1), np.uint8) if radius else image
