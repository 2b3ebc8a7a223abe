"""Turn of the hue."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cielab import map_chroma
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@register
class HueTurn(Distortion):
    """Hues turned by an angle in CIELAB, at constant lightness and chroma. Grey does not change.

    `context_color` turns in HSV, where yellow and blue of the same value differ much in lightness. The severe end, the
    opposite hue, has a damage of about 2.2: colour alone never looks severe.
    """

    source = "CIE 15, hue angle of CIELAB; range ours"
    angle = Severity(mild=4.0, severe=180.0, unit="degrees", scale="log")
    direction = Choice(("forward", "backward"), unit="red to yellow to green, or the other way")

    def apply(self, image: Image, *, angle: float, direction: str) -> Image:
        """Turn a and b by `angle`; L stays, except by clipping."""
        turn = math.radians(angle if direction == "forward" else -angle)
        cosine, sine = math.cos(turn), math.sin(turn)
        return map_chroma(image, ((cosine, -sine), (sine, cosine)))
