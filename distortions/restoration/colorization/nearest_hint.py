"""Colorization by the nearest hint."""

from __future__ import annotations

from bappsmith.distortions.functional.colour_hints import Chroma, Hints, nearest_hint
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .hinted_colorization import HintedColorization


@register
class NearestHint(HintedColorization):
    """Each pixel takes the colour of the nearest hint: cells of one colour with straight borders."""

    source = "ours; nearest-neighbour interpolation of the hints"

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Take the chroma of the nearest hint."""
        return nearest_hint(hints)
