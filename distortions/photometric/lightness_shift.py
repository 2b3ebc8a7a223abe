"""Lightness shift."""

from __future__ import annotations

from ..base import Choice, Distortion, Image, Severity
from ..registry import register
from .curve import LEVELS, apply_curve


@register
class LightnessShift(Distortion):
    """All channels raised or lowered by the same number of levels; what leaves [0, 255] is clipped."""

    source = "Zhang et al. 2018, Table 2 (Photometric: lightness shift); range not published"
    amount = Severity(mild=25.0, severe=110.0, unit="levels of 255", scale="log")
    direction = Choice(("darker", "lighter"), unit="direction of the shift")

    def apply(self, image: Image, *, amount: float, direction: str) -> Image:
        """Add `amount` levels to every channel, or take them away."""
        return apply_curve(image, LEVELS + (amount if direction == "lighter" else -amount))
