"""Translation, as in contexts."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.translate import translate
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register


@register
class ContextTranslate(Distortion):
    """Translation by up to half a patch along each axis; uncovered pixels are filled by mirroring.

    Severity is the share of the published square of offsets that is closer to the centre. So a uniform severity with a
    free `bearing` gives the published uniform offset per axis. The distance saturates: from a third of a patch on, a
    larger offset makes no larger difference.
    """

    source = "Pihlgren, Sandin and Liwicki 2023 (translate, up to ±50 % per axis); fill not published"
    calibrated = False
    saturates = True
    share = Severity(mild=0.0, severe=1.0, unit="of the square of offsets")
    bearing = Nuisance(0.0, 8.0, unit="eighths of the way around that square")

    def apply(self, image: Image, *, share: float, bearing: float) -> Image:
        """Move by √share / 2 of width or height along one axis, and by at most as much along the other."""
        side, along = divmod(bearing, 2)
        reach, drift = 0.5 * math.sqrt(share), along - 1
        across, down = [(1, drift), (-drift, 1), (-1, -drift), (drift, -1)][int(side) % 4]
        height, width = image.shape[:2]
        return translate(image, round(reach * across * width), round(reach * down * height))
