"""Shift."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.translate import translate
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Shift(Distortion):
    """The patch moved by whole pixels: only its position changes."""

    tags = frozenset({"displacement"})
    source = "Zhang et al. 2018, Table 2 (Spatial warp: shifting); range not published"
    distance = Severity(mild=0.004, severe=0.5, unit="patch", scale="log")
    angle = Nuisance(0.0, 360.0, unit="degrees")

    def margin(self, side: int, params: Params) -> int:
        """Return the distance, rounded up, at least one pixel."""
        return max(1, math.ceil(params["distance"] * side))

    def apply(self, view: View, *, distance: float, angle: float) -> Image:
        """Move by `distance` towards `angle` (0° right, 90° down), rounded to pixels per axis."""
        pixels = distance * view.side
        across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        pixels = max(pixels, 0.51 / max(abs(across), abs(down)))  # at least one pixel along one axis
        dx, dy = round(pixels * across), round(pixels * down)
        return translate(view, dx, dy).copy()
