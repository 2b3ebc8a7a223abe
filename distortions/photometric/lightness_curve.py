"""Lightness curve."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cielab import Roots, map_roots
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.functional.tone import apply_curve, levels, parabola
from bappsmith.distortions.parameters import Choice, PerValue, Severity
from bappsmith.distortions.registry import register


@register
class LightnessCurve(Distortion):
    """Middle tones raised or lowered by a parabola; black and white stay.

    The parabola passes through (0, 0), (.5, .5 ± amount/2) and (1, 1). "darker" bends levels, as KADID-10k's darken;
    "lighter" is two thirds that and one third a bend of L in CIELAB, as its brighten.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), brighten .1 to 1.1 and darken .05 to .8; range wider"
    direction = Choice(("darker", "lighter"), unit="middle tones lowered, or raised")
    amount = PerValue(
        "direction",
        {
            "darker": Severity(mild=0.05, severe=1.0, unit="of white", scale="log"),
            "lighter": Severity(mild=0.06, severe=1.1, unit="of white", scale="log"),
        },
    )

    def apply(self, image: Image, *, direction: str, amount: float) -> Image:
        """Lower or raise mid-grey by half of `amount`."""
        if direction == "darker":
            return apply_curve(image, parabola(levels(), 0.5 - amount / 2))
        middle = 0.5 + amount / 2
        bent = apply_curve(image, parabola(levels(), middle))
        return mix(bent, map_roots(image, lambda roots: _with_lightness_bent(roots, middle)), 1 / 3)


def _with_lightness_bent(roots: Roots, middle: float) -> Roots:
    lightness = (roots[..., 1] - 4 / 29) * (29 / 25)  # L / 100
    raised = parabola(lightness, middle) - lightness
    # An equal change of all three roots changes L and leaves a and b.
    return np.asarray(roots + (raised * (25 / 29))[..., None], np.float64)
