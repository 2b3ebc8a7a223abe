"""Super-resolution: nearest."""

from __future__ import annotations

import cv2

from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .enlargement import Enlargement
from .interpolation import interpolated


@register
class SuperresNearest(Enlargement):
    """Reduce, then repeat every pixel. Squares remain visible."""

    source = "OpenCV INTER_NEAREST; factors of Zhang et al. 2018 (super-resolution)"

    def enlarge(self, image: Image, factor: int) -> Image:
        """Enlarge with OpenCV."""
        return interpolated(image, factor, cv2.INTER_NEAREST)
