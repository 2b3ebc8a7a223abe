"""Affine warp."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class AffineWarp(Distortion):
    """A mixture of rotation or zoom with stretch or shear, about the centre.

    Every 2×2 matrix is the sum of a matrix that rotates and zooms and a matrix that stretches. Only the directions of
    both are drawn. Each moves the border of the patch by the same length in every direction, so `amount` alone says how
    far pixels move.
    """

    tags = frozenset({"displacement"})
    source = "Zhang et al. 2018, Table 2 (Spatial warp: affine); range not published"
    amount = Severity(mild=0.001, severe=0.3, unit="patch", scale="log")
    turn = Nuisance(0.0, 360.0, unit="degrees; 0 and 180 zoom, 90 and 270 turn")
    stretch = Nuisance(0.0, 360.0, unit="degrees; 0 and 180 stretch along the axes, 90 and 270 shear")
    blend = Nuisance(0.0, 90.0, unit="degrees; 0 only turns or zooms, 90 only stretches")

    def margin(self, side: int, params: Params) -> int:
        """Return the displacement of a corner along an axis, and the neighbour of the interpolation."""
        (xx, xy), (yx, yy) = _matrix(**params)
        return math.ceil(max(abs(xx - 1) + abs(xy), abs(yx) + abs(yy - 1)) * side / 2) + 1

    def apply(self, view: View, *, amount: float, turn: float, stretch: float, blend: float) -> Image:
        """Move the middle of each side by up to √2 `amount`; the displacement grows linearly from the centre."""
        return resample_affine(view.image, view.shape, _matrix(amount, turn, stretch, blend))


def _matrix(
    amount: float, turn: float, stretch: float, blend: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the rows of the matrix from output to source coordinates."""
    rigid, elastic = math.cos(math.radians(blend)), math.sin(math.radians(blend))
    a, b = rigid * math.cos(math.radians(turn)), rigid * math.sin(math.radians(turn))
    c, d = elastic * math.cos(math.radians(stretch)), elastic * math.sin(math.radians(stretch))
    reach = 2 * amount  # the border is half a patch away from the centre
    return (1 + reach * (a + c), reach * (d - b)), (reach * (d + b), 1 + reach * (a - c))
