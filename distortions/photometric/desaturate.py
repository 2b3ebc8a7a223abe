"""Loss of colour."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.ycbcr import scale_chroma
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class Desaturate(Distortion):
    """Removal of colour, down to grey: the direction "less" of `saturation`, as a separate type.

    It is not in the paper's table. Rankings of types (as in the quickstart) need an operator with one effect.
    """

    source = "ours, for rankings of types"
    amount = Severity(mild=0.04, severe=1.0, unit="of the chroma", scale="log")

    def apply(self, image: Image, *, amount: float) -> Image:
        """Move every pixel towards its luma (ITU-R BT.601); an amount of 1 leaves no colour."""
        return scale_chroma(image, 1 - amount)
