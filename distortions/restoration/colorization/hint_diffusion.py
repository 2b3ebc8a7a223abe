"""Colorization by diffusion."""

from __future__ import annotations

from bappsmith.distortions.functional.colour_hints import Chroma, Hints, diffuse
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .hinted_colorization import HintedColorization


@register
class HintDiffusion(HintedColorization):
    """Colour spreads from the hints evenly, across edges too: soft stains that ignore the objects.

    The colour of the nearest hint is blurred and the hints are set again, from coarse to fine. The limit of
    Levin et al. 2004 for equal weights is such a membrane.
    """

    source = "ours; a baseline without luminance for Levin, Lischinski and Weiss 2004"
    portable = False

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Diffuse the hints."""
        return diffuse(hints, spacing)
