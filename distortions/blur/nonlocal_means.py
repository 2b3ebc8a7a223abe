"""Non-local means."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_TEMPLATE, _SEARCH = 3, 7
"""Sides in px of the squares that are compared, and of the square that they are looked for in."""


@register
class NonlocalMeans(Distortion):
    """Denoising of a picture without noise: every pixel becomes the mean of pixels whose surroundings look alike.

    Fine texture is taken for noise and vanishes, strong edges stay. Squares of 3 × 3 px are compared within
    7 × 7 px. OpenCV's own 7 and 21 px take 30 times as long.
    """

    source = "Buades, Coll and Morel 2005, by OpenCV's fastNlMeansDenoising; range ours"
    strength = Severity(mild=5.0, severe=100.0, unit="levels of 255", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of both squares."""
        return _TEMPLATE // 2 + _SEARCH // 2

    def apply(self, view: View, *, strength: float) -> Image:
        """Average pixels with weights exp(−d²/`strength`²), d² the mean squared difference of their squares."""
        return trimmed(_denoised(view.image, strength), view.margin)

    def library_call(self, image: Image, params: Params) -> Image:
        """Filter with OpenCV alone; borders are mirrored."""
        return _denoised(image, params["strength"])


def _denoised(image: Image, strength: float) -> Image:
    return np.asarray(cv2.fastNlMeansDenoising(image, None, strength, _TEMPLATE, _SEARCH), np.uint8)
