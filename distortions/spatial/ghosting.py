"""Ghosting."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.functional.translate import translate
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Ghosting(Distortion):
    """A second, displaced exposure of the scene over the first.

    At the severe end both exposures are equally strong.
    """

    source = "Zhang et al. 2018, Table 2 (Spatial warp: ghosting); range not published"
    opacity = Severity(mild=0.05, severe=0.5, unit="fraction")
    distance = Severity(mild=0.03, severe=0.4, unit="patch")
    angle = Nuisance(0.0, 360.0, unit="degrees")

    def margin(self, side: int, params: Params) -> int:
        """Return the distance, rounded up."""
        return math.ceil(params["distance"] * side)

    def apply(self, view: View, *, opacity: float, distance: float, angle: float) -> Image:
        """Mix with the image moved by `distance` towards `angle`; at an opacity of 0.5 both are equally strong."""
        pixels = distance * view.side
        dx = round(pixels * math.cos(math.radians(angle)))
        dy = round(pixels * math.sin(math.radians(angle)))
        return mix(view.centre, translate(view, dx, dy), opacity)
