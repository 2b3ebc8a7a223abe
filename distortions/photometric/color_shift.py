"""Colour shift."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register


@register
class ColorShift(Distortion):
    """A colour cast: the channels are shifted by different amounts. Luma does not change, except by clipping.

    The shift is in the plane of chroma; `hue` is its direction, from Cb (blue) to Cr (red).
    """

    source = "Zhang et al. 2018, Table 2 (Photometric: color shift); range not published"
    amount = Severity(mild=6.0, severe=65.0, unit="levels of Cb and Cr", scale="log")
    hue = Nuisance(0.0, 360.0, unit="degrees")

    def apply(self, image: Image, *, amount: float, hue: float) -> Image:
        """Shift chroma by `amount` in the direction `hue`; each channel moves by a whole number of levels."""
        blue, red = amount * math.cos(math.radians(hue)), amount * math.sin(math.radians(hue))
        # ITU-T T.871 (JFIF), YCbCr to RGB at constant Y.
        shift = (1.402 * red, -0.344136 * blue - 0.714136 * red, 1.772 * blue)
        levels = [*(round(value) for value in shift), 0]  # a scalar of OpenCV has four values
        # Two calls with whole numbers of 0 and more stay in uint8: one with mixed signs takes three times as long.
        raised = cv2.add(image, np.array([max(value, 0.0) for value in levels]))
        return np.asarray(cv2.subtract(raised, np.array([max(-value, 0.0) for value in levels])), np.uint8)
