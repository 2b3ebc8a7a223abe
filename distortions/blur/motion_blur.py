"""Motion blur."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.convolve import filter_light, offsets
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class MotionBlur(Distortion):
    """Uniform straight motion of the camera during the exposure: the mean of light along a line.

    The line is a pixel wide and `length` px long. A pixel at distance d from it weighs max(0, 1 − d), so that lines at
    any angle are smooth.
    """

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), motion blur; Hendrycks and Dietterich 2019 (ImageNet-C), "
        "motion blur; range ours"
    )
    light = "linear"
    length = Severity(mild=1.1, severe=12.0, unit="px", scale="log")
    angle = Nuisance(0, 180, unit="degrees")

    def margin(self, side: int, params: Params) -> int:
        """Return half of the line, rounded up."""
        return _radius(params["length"])

    def apply(self, view: View, *, length: float, angle: float) -> NDArray[np.float32]:
        """Average along a line of `length` px at `angle` (from the rows' direction, clockwise)."""
        x, y = offsets(_radius(length))
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        across, beyond = y * cos - x * sin, np.maximum(np.abs(x * cos + y * sin) - (length - 1) / 2, 0)
        kernel = np.maximum(1 - np.sqrt(across * across + beyond * beyond), 0)
        return filter_light(view, kernel)


def _radius(length: float) -> int:
    return math.ceil((length - 1) / 2)
