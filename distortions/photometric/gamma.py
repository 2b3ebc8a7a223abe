"""Gamma."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import apply_curve, levels
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class Gamma(Distortion):
    """A power law on levels: middle tones get darker or lighter, black and white stay.

    The result is 255·(level/255)^γ, where γ is the factor (darker) or its reciprocal (lighter).
    """

    source = "Gonzalez and Woods (Digital Image Processing), power-law transformation; range ours"
    factor = Severity(mild=1.06, severe=5.0, unit="times", scale="log")
    direction = Choice(("darker", "lighter"), unit="the exponent is the factor or its reciprocal")

    def apply(self, image: Image, *, factor: float, direction: str) -> Image:
        """Raise every level, as a share of white, to the power `factor` or 1/`factor`."""
        # Powers in float64 are off by some 1e-16. Only a value as close to the middle of two levels could be rounded
        # another way on another processor.
        return apply_curve(image, np.power(levels(), factor if direction == "darker" else 1 / factor))
