"""Demosaicing."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.bayer import ALGORITHMS, PATTERNS, REACH, demosaic, mosaic
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_FOUR = Severity(mild=0.3, severe=2.2, unit="px, side of a pixel of the sensor", scale="log")


@register
class Demosaicing(Distortion):
    """One colour per pixel of a sensor, and the missing two interpolated: false colours, zippers, less detail.

    Severity is the side of the sensor's pixels. Below 1 px the sensor sees more than the picture shows, and the result
    is reduced to its size, which hides most errors. Above 1 px it sees less, and the result is enlarged. All is done on
    sRGB levels, without noise; `sensor_pipeline` has both light and noise. A patch is a crop, so the pattern of colours
    starts anywhere. A whole number of the sensor's pixels is fitted to the view.
    """

    source = "Bayer 1976 (US patent 3971065), colour filter; Chang, Cheung and Pan 1999, VNG, by OpenCV; range ours"
    algorithm = Choice(ALGORITHMS, unit="interpolation")
    pitch = PerValue(
        "algorithm",
        {
            "bilinear": _FOUR,
            "edge-aware": _FOUR,
            "VNG": Severity(mild=0.42, severe=2.2, unit="px, side of a pixel of the sensor", scale="log"),
        },
    )
    pattern = Choice(PATTERNS, unit="colours of the first 2×2 pixels")
    row_phase = Nuisance(0.0, 1.0, unit="pixels of the sensor")
    column_phase = Nuisance(0.0, 1.0, unit="pixels of the sensor")

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of the interpolation in pixels of the sensor, and of resizing."""
        return math.ceil((REACH + 1) * max(1, params["pitch"])) + 4

    def apply(
        self, view: View, *, algorithm: str, pitch: float, pattern: str, row_phase: float, column_phase: float
    ) -> Image:
        """Resize to pixels of `pitch` px, keep one channel of each, interpolate, and resize back."""
        top, left = int(row_phase * pitch), int(column_phase * pitch)
        image = view.image[top:, left:]
        height, width = image.shape[:2]
        size = max(2, round(width / pitch)), max(2, round(height / pitch))
        # Where a pixel of the sensor is larger, it collects all light that falls on it.
        seen = cv2.resize(image, size, interpolation=cv2.INTER_AREA if pitch > 1 else cv2.INTER_LANCZOS4)
        whole = demosaic(mosaic(np.asarray(seen, np.uint8), pattern), pattern, algorithm)
        result = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
        top, left = view.margin - top, view.margin - left
        return result[top : top + view.shape[0], left : left + view.shape[1]]
