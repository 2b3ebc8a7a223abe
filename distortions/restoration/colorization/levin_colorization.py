"""Colorization by optimisation."""

from __future__ import annotations

import math

from bappsmith.distortions.functional.colour_hints import Chroma, Hints, diffuse
from bappsmith.distortions.functional.propagate import propagate
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .hinted_colorization import HintedColorization

_PRIOR = 0.1
"""Weight of the diffused colour, times the area per hint: what is further away than two spacings matters little."""


@register
class LevinColorization(HintedColorization):
    """The colour of each pixel is the weighted mean of its neighbours' colours; like luma has weight.

    Hints are kept. Weights fall with the squared difference of luma over the variance of 3×3 pixels, with the constants
    of the authors' code. Colour fills regions and stops at edges; a region without a hint gets that of another one.
    Ours: every pixel is drawn a little to the diffused colour of `hint_diffusion`, or hints far outside of the patch
    would decide regions without one. At 64 px it takes 20 to 100 ms, more for fewer hints and their wider margin.
    """

    source = "Levin, Lischinski and Weiss 2004, Colorization Using Optimization, equations 1 and 2; range of hints ours"
    portable = False

    def margin(self, side: int, params: Params) -> int:
        """Return more than others do, because colour goes far along flat regions."""
        return math.ceil(2.5 * params["spacing"])

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Solve the sparse system."""
        return propagate(hints, diffuse(hints, spacing), _PRIOR / spacing**2)
