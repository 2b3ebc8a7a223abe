"""Saturation."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class Saturation(Distortion):
    """Paler or more vivid colours, by scaling the difference of every pixel from its grey value.

    Grey pixels do not change.
    """

    source = "Zhang et al. 2018, Table 2 (Photometric: saturation); range not published"
    amount = Severity(mild=0.3, severe=1.0, unit="fraction", scale="log")
    direction = Choice(("less", "more"), unit="chroma × (1 − amount), or × (1 + 5 amount)")

    def apply(self, image: Image, *, amount: float, direction: str) -> Image:
        """Scale chroma; grey is the luma of ITU-R BT.601, and results are clipped to [0, 255]."""
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None]
        return mix(image, grey, amount if direction == "less" else -5 * amount)
