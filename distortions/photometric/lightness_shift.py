"""Lightness shift."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import shift_levels
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class LightnessShift(Distortion):
    """All channels raised or lowered by the same number of levels; results are clipped to [0, 255]."""

    source = "Zhang et al. 2018, Table 2 (Photometric: lightness shift); range not published"
    amount = Severity(mild=25.0, severe=110.0, unit="levels of 255", scale="log", whole=True)
    direction = Choice(("darker", "lighter"), unit="direction of the shift")

    def apply(self, image: Image, *, amount: int, direction: str) -> Image:
        """Add `amount` levels to every channel, or subtract them."""
        shift = amount if direction == "lighter" else -amount
        return shift_levels(image, (shift, shift, shift))
