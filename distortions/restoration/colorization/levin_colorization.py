"""Colorization by optimisation."""

from __future__ import annotations

from bappsmith.distortions.functional.colour_hints import Chroma, Hints
from bappsmith.distortions.functional.propagate import propagate
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .hinted_colorization import HintedColorization


@register
class LevinColorization(HintedColorization):
    """The colour of each pixel is the weighted mean of its neighbours' colours; like luma has weight.

    Hints are kept. Weights fall with the squared difference of luma over the variance of 3×3 pixels, with the constants
    of the authors' code. Colour fills regions and stops at edges; a region without a hint gets that of another one.
    """

    source = "Levin, Lischinski and Weiss 2004, Colorization Using Optimization, equations 1 and 2; range of hints ours"
    portable = False

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Solve the sparse system."""
        return propagate(hints)
