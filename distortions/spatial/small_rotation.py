"""Small rotation."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class SmallRotation(Distortion):
    """A turn about a point in the middle half of the patch, as of a camera that is not held level.

    The point is drawn, so that no place of the patch always stays where it was.
    """

    tags = frozenset({"displacement"})
    source = "ours; Pihlgren, Sandin and Liwicki 2023, turns of 30° and more"
    angle = Severity(mild=0.05, severe=40.0, unit="degrees", scale="log")
    direction = Choice(("clockwise", "counterclockwise"), unit="sense of rotation")
    centre_x = Nuisance(-0.25, 0.25, unit="patch, right of the centre")
    centre_y = Nuisance(-0.25, 0.25, unit="patch, below the centre")

    def margin(self, side: int, params: Params) -> int:
        """Return how far a corner moves along an axis, and the neighbour of the interpolation."""
        angle = math.radians(params["angle"])
        arm = 0.5 + max(abs(params["centre_x"]), abs(params["centre_y"]))
        return math.ceil((1 - math.cos(angle) + math.sin(angle)) * arm * side) + 1

    def apply(self, view: View, *, angle: float, direction: str, centre_x: float, centre_y: float) -> Image:
        """Turn by `angle` about a point that stays in place."""
        cos = math.cos(math.radians(angle))
        sin = math.sin(math.radians(angle)) * (1 if direction == "clockwise" else -1)
        x, y = centre_x * view.side, centre_y * view.side
        offset = (1 - cos) * x - sin * y, sin * x + (1 - cos) * y
        return resample_affine(view.image, view.shape, ((cos, sin), (-sin, cos)), offset)
