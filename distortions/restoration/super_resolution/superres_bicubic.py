"""Super-resolution: bicubic."""

from __future__ import annotations

import cv2

from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .enlargement import Enlargement
from .interpolation import interpolated


@register
class SuperresBicubic(Enlargement):
    """Reduce, then interpolate with a cubic kernel (Keys 1981, a = −.75). Soft, with faint halos.

    It is not portable: OpenCV's cubic kernel follows the processor.
    """

    portable = False
    source = "OpenCV INTER_CUBIC; factors of Zhang et al. 2018 (super-resolution)"

    def enlarge(self, image: Image, factor: int) -> Image:
        """Enlarge with OpenCV."""
        return interpolated(image, factor, cv2.INTER_CUBIC)
