"""Exposure."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import multiply_light
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class Exposure(Distortion):
    """More or less light on the sensor: linear light times 2^±stops. Overexposed highlights are clipped to white."""

    source = "ISO 2720, exposure value; IEC 61966-2-1, sRGB transfer function; range ours"
    stops = Severity(mild=0.18, severe=5.0, unit="stops", scale="log")
    direction = Choice(("under", "over"), unit="less light, or more")

    def apply(self, image: Image, *, stops: float, direction: str) -> Image:
        """Multiply linear light by 2^`stops`, or divide it."""
        return multiply_light(image, [2.0 ** (stops if direction == "over" else -stops)])
