"""Translation, as in contexts."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.translate import translate
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class ContextTranslate(Distortion):
    """Translation by up to half a patch along each axis; what comes into view is the photograph around the patch.

    Severity is the share of the published square of offsets that is closer to the centre. So a uniform severity with a
    free `bearing` gives the published uniform offset per axis. The distance saturates: from a third of a patch on, a
    larger offset makes no larger difference.
    """

    source = "Pihlgren, Sandin and Liwicki 2023, translate: up to ±50 % per axis; fill not published"
    calibrated = False
    saturates = True
    share = Severity(mild=0.0, severe=1.0, unit="of the square of offsets")
    bearing = Nuisance(0.0, 8.0, unit="eighths of the way around that square")

    def margin(self, side: int, params: Params) -> int:
        """Return the larger of the two offsets for a square patch, rounded up."""
        return math.ceil(0.5 * math.sqrt(params["share"]) * side) + 1

    def apply(self, view: View, *, share: float, bearing: float) -> Image:
        """Move by √share / 2 of the shorter side along one axis, and by at most as much along the other."""
        side, along = divmod(bearing, 2)
        reach, drift = 0.5 * math.sqrt(share), along - 1
        across, down = [(1, drift), (-drift, 1), (-1, -drift), (drift, -1)][int(side) % 4]
        return translate(view, round(reach * across * view.side), round(reach * down * view.side)).copy()
