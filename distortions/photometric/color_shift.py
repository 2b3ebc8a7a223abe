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
    amount = Severity(mild=3.0, severe=100.0, unit="levels of Cb and Cr", scale="log")
    hue = Nuisance(0.0, 360.0, unit="degrees")

    def apply(self, image: Image, *, amount: float, hue: float) -> Image:
        """Shift chroma by `amount` in the direction `hue`."""
        blue, red = amount * math.cos(math.radians(hue)), amount * math.sin(math.radians(hue))
        # ITU-T T.871 (JFIF), YCbCr to RGB at constant Y.
        rows = ((1, 0, 0, 1.402 * red), (0, 1, 0, -0.344136 * blue - 0.714136 * red), (0, 0, 1, 1.772 * blue))
        # OpenCV transforms uint8 in whole 1024ths, with the same result on every processor.
        return np.asarray(cv2.transform(image, np.array(rows, np.float32)), np.uint8)
