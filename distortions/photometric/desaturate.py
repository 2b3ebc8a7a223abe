"""Loss of colour."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class Desaturate(Distortion):
    """Removal of colour, down to grey: the direction "less" of `saturation`, as a separate type.

    It is not in the paper's table. Rankings of types (as in the quickstart) need an operator with one effect.
    """

    source = "bappsmith; removal of colour, for rankings of types"
    amount = Severity(mild=0.2, severe=1.0, unit="fraction")

    def apply(self, image: Image, *, amount: float) -> Image:
        """Mix with the image's own luma (ITU-R BT.601); an amount of 1 leaves no colour."""
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None]
        return mix(image, grey, amount)
