"""Lens distortion."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class LensDistortion(Distortion):
    """Barrel or pincushion distortion about a drawn optical centre: straight lines bend.

    A pixel at the distance r from the centre shows what was at r (1 + k r²); k > 0 is a barrel, k < 0 a pincushion.
    Beyond the severe end, the corners of a pincushion would fold inwards, so the damage ends at 1.4 points (annoying).
    A patch is a crop, so the centre lies in it or near it. The displacement of the middle of the patch is taken off, or
    the picture would merely shift. Beyond the farthest corner k r² stays as it is there, so that the surroundings
    suffice.
    """

    tags = frozenset({"displacement"})
    source = "Brown 1966 (Decentering Distortion of Lenses), radial term k1; range ours"
    amount = Severity(mild=0.001, severe=0.16, unit="patch, displacement of a corner", scale="log")
    kind = Choice(("barrel", "pincushion"), unit="kind of distortion")
    centre_x = Nuisance(-1.25, 1.25, unit="patch, right of the middle")
    centre_y = Nuisance(-1.25, 1.25, unit="patch, below the middle")

    def margin(self, side: int, params: Params) -> int:
        """Return the displacement and the neighbour of the interpolation."""
        return math.ceil(params["amount"] * side) + 1

    def apply(self, view: View, *, amount: float, kind: str, centre_x: float, centre_y: float) -> Image:
        """Displace the farthest corner by `amount` along the axis where it moves farther."""
        side = view.side
        far = 0.5 + abs(centre_x), 0.5 + abs(centre_y)
        limit = far[0] * far[0] + far[1] * far[1]
        offset = centre_x * centre_x + centre_y * centre_y
        k = amount / max(limit * f - offset * (f - 0.5) for f in far) * (1 if kind == "barrel" else -1)
        x, y = grid(view)
        u, v = x / side - centre_x, y / side - centre_y
        bend = (u * u + v * v).clip(max=limit) * k
        return resample(
            view.image,
            x + (u * bend + centre_x * offset * k) * side,
            y + (v * bend + centre_y * offset * k) * side,
            _squared_steps(k, centre_x, centre_y),
        )


def _squared_steps(k: float, centre_x: float, centre_y: float) -> tuple[float, float]:
    """Return the mean squared change of either source coordinate from an output pixel to its neighbours."""
    at = (-0.375, -0.125, 0.125, 0.375)
    points = [(i - centre_x, j - centre_y) for i in at for j in at]
    across = [(1 + k * (3 * u * u + v * v)) ** 2 + (2 * k * u * v) ** 2 for u, v in points]
    down = [(1 + k * (u * u + 3 * v * v)) ** 2 + (2 * k * u * v) ** 2 for u, v in points]
    return math.fsum(across) / len(points), math.fsum(down) / len(points)
