"""Zoom."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Zoom(Distortion):
    """The picture enlarged or reduced by a small factor, about a point in the middle half of the patch.

    The point is drawn, so that no place of the patch always stays where it was. Before a reduction the picture is
    blurred as far as its finer pixels need it.
    """

    tags = frozenset({"displacement"})
    source = "ours; Pihlgren, Sandin and Liwicki 2023, zoom by 1.1 and more"
    amount = Severity(mild=0.001, severe=0.7, unit="times the size is added", scale="log")
    direction = Choice(("in", "out"), unit="in: larger; out: smaller, by the inverse factor")
    centre_x = Nuisance(-0.25, 0.25, unit="patch, right of the centre")
    centre_y = Nuisance(-0.25, 0.25, unit="patch, below the centre")

    def margin(self, side: int, params: Params) -> int:
        """Return how far a corner moves outwards along an axis, and the neighbour of the interpolation."""
        if params["direction"] == "in":
            return 1
        arm = 0.5 + max(abs(params["centre_x"]), abs(params["centre_y"]))
        return math.ceil(params["amount"] * arm * side) + 1

    def apply(self, view: View, *, amount: float, direction: str, centre_x: float, centre_y: float) -> Image:
        """Zoom by 1 + `amount`, in or out, about a point that stays in place."""
        step = 1 / (1 + amount) if direction == "in" else 1 + amount
        offset = (1 - step) * centre_x * view.side, (1 - step) * centre_y * view.side
        return resample_affine(view.image, view.shape, ((step, 0.0), (0.0, step)), offset)
