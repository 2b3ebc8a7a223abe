"""Saturation."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.ycbcr import scale_chroma
from bappsmith.distortions.parameters import Choice, PerValue, Severity
from bappsmith.distortions.registry import register


@register
class Saturation(Distortion):
    """Paler or more vivid colours, by scaling the difference of every pixel from its luma.

    Grey pixels do not change. The two directions have ends of their own, because more is clipped and less is not.
    """

    source = "Zhang et al. 2018, Table 2 (Photometric: saturation); range not published"
    direction = Choice(("less", "more"), unit="chroma × (1 − amount), or × (1 + amount)")
    amount = PerValue(
        "direction",
        {
            "less": Severity(mild=0.04, severe=1.0, unit="of the chroma", scale="log"),
            "more": Severity(mild=0.1, severe=4.0, unit="of the chroma", scale="log"),
        },
    )

    def apply(self, image: Image, *, direction: str, amount: float) -> Image:
        """Scale chroma; the luma of ITU-R BT.601 stays, except by clipping to [0, 255]."""
        return scale_chroma(image, 1 - amount if direction == "less" else 1 + amount)
