"""Saturation in CIELAB."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cielab import map_chroma
from bappsmith.distortions.parameters import Choice, PerValue, Severity
from bappsmith.distortions.registry import register


@register
class LabSaturation(Distortion):
    """Paler or more vivid colours at constant lightness: a and b of CIELAB times a factor.

    Unlike `saturation`, which scales differences of sRGB levels, it hardly changes how light a colour looks. Vivid
    colours leave sRGB and are clipped. Colour alone never looks severe: the severe end has a damage of about 2.3.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color saturation 2: factors 2, 3, 6 and 9; range ours"
    direction = Choice(("less", "more"), unit="chroma × (1 − amount), or × (1 + amount)")
    amount = PerValue(
        "direction",
        {
            "less": Severity(mild=0.05, severe=1.0, unit="of the chroma", scale="log"),
            "more": Severity(mild=0.1, severe=8.0, unit="of the chroma", scale="log"),
        },
    )

    def apply(self, image: Image, *, direction: str, amount: float) -> Image:
        """Scale chroma; L stays, except by clipping."""
        gain = 1 - amount if direction == "less" else 1 + amount
        return map_chroma(image, ((gain, 0), (0, gain)))
