"""Blur, as in contexts."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class ContextBlur(Distortion):
    """Gaussian blur limited to a window of 11 × 21 pixels, so it is stronger vertically than horizontally.

    A uniform severity gives the published U[4, 10]. The unit is pixels: the publication's patches are 64 × 64.
    The distance saturates: within this window, a Gaussian of σ 4 is nearly flat already. From the mild to the severe
    end LPIPS rises by 4 % (median over 23 patches of Kodak's photographs).
    """

    source = "Pihlgren, Sandin and Liwicki 2023, blur: kernel 11 × 21, σ U[4, 10]"
    calibrated = False
    saturates = True
    sigma = Severity(mild=4.0, severe=10.0, unit="px")

    def margin(self, side: int, params: Params) -> int:
        """Return the larger radius of the window."""
        return 10

    def apply(self, view: View, *, sigma: float) -> Image:
        """Blur within 11 columns and 21 rows."""
        return trimmed(np.asarray(cv2.GaussianBlur(view.image, (11, 21), sigma), np.uint8), view.margin)

    def library_call(self, image: Image, params: Params) -> Image:
        """Blur with OpenCV alone; borders are mirrored."""
        return np.asarray(cv2.GaussianBlur(image, (11, 21), params["sigma"]), np.uint8)
