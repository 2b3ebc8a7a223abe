"""Contrast by a curve, of KADID-10k."""

# scipy has no stubs.
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import apply_curve, levels
from bappsmith.distortions.parameters import Choice, Levels, PerValue
from bappsmith.distortions.registry import register


@register
class Kadid10kContrastChange(Distortion):
    """A smooth curve through .3 → .25 − amount/4, .5 → .5 and .7 → .75 + amount/4; −.2 would change nothing.

    Severity runs through the levels of either direction, of which KADID-10k has three and two.
    """

    name = "kadid10k_contrast_change"
    source = "Lin, Hosu and Saupe 2019 (KADID-10k), contrast change"
    calibrated = False
    direction = Choice(("more", "less"), unit="contrast of the middle tones")
    amount = PerValue(
        "direction",
        {
            "more": Levels((0.0, 0.15, 0.3), unit="of four times white"),
            "less": Levels((-0.4, -0.6), unit="of four times white"),
        },
    )

    def apply(self, image: Image, *, direction: str, amount: float) -> Image:
        """Map all channels alike by the curve."""
        return apply_curve(image, _curve(amount))


@cache
def _curve(amount: float) -> NDArray[np.float64]:
    from scipy.interpolate import CubicSpline

    curve = CubicSpline([0, 0.3, 0.5, 0.7, 1], [0, 0.25 - amount / 4, 0.5, 0.75 + amount / 4, 1])
    return np.clip(np.asarray(curve(levels()), np.float64), 0, 1)
