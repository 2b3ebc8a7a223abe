"""Illumination gradient."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.resample import grid
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class IlluminationGradient(Distortion):
    """Uneven light: one side of the patch is lighter, the other darker.

    Linear light is multiplied by 2^(stops·p), where p rises by 1 per patch towards `angle`. `neutral` says where p is
    0. It is drawn, so that it is not always the middle of the patch that stays as it was.
    """

    source = "ours, after uneven illumination"
    light = "linear"
    stops = Severity(mild=0.5, severe=9.0, unit="stops per patch", scale="log")
    angle = Nuisance(0.0, 360.0, unit="degrees")
    neutral = Nuisance(-0.5, 0.5, unit="patch, from the centre towards the angle")

    def margin(self, side: int, params: Params) -> int:
        """Return 0: the view is for the size of the patch."""
        return 0

    def apply(self, view: View, *, stops: float, angle: float, neutral: float) -> NDArray[np.float32]:
        """Multiply by a gain that doubles `stops` times over the side of the patch."""
        x, y = grid(view)
        dx, dy = (part / view.side for part in (math.cos(math.radians(angle)), math.sin(math.radians(angle))))
        # The power of a sum is a product of powers: one per column and one per row.
        columns = np.exp2(stops * (dx * x - neutral)).astype(np.float32)
        gain = columns * np.exp2(stops * dy * y).astype(np.float32)
        return np.asarray(trimmed(view.image, view.margin) * gain[..., None], np.float32)
