"""Elastic deformation."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.functional.spline_noise import spline_noise
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_STRAIN = 2 / 9 * 2 * 151 / 315
"""Mean square of the gradient of a smooth field, per cell: 1/3 of its numbers, 2/3 and 151/315 of the two splines."""


@register
class Elastic(Distortion):
    """Smooth random displacements, as if the picture were printed on rubber.

    As in Simard et al., uniform random numbers are smoothed. Here they stand on a lattice, between whose points cubic
    B-splines interpolate: nearly a Gaussian of standard deviation √(1/3) `smoothness`. The largest displacement is in
    proportion to it, so that the picture hardly folds over itself: at the severe end, .03 % of the area do.
    """

    tags = frozenset({"displacement"})
    source = (
        "Simard, Steinkraus and Platt 2003, elastic distortions; Hendrycks and Dietterich 2019 (ImageNet-C), "
        "elastic; range ours"
    )
    amount = Severity(mild=0.004, severe=0.9, unit="of the smoothness", scale="log")
    smoothness = Nuisance(0.08, 0.3, unit="patch, distance of the lattice's points")
    phase_x = Nuisance(0.0, 1.0, unit="of that distance")
    phase_y = Nuisance(0.0, 1.0, unit="of that distance")
    field_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the largest displacement and the neighbour of the interpolation."""
        return math.ceil(params["amount"] * params["smoothness"] * side) + 1

    def apply(
        self, view: View, *, amount: float, smoothness: float, phase_x: float, phase_y: float, field_seed: int
    ) -> Image:
        """Displace each pixel by at most `amount` · `smoothness` along either axis."""
        cell = smoothness * view.side
        field = spline_noise(view.shape, field_seed, cell, (phase_y, phase_x), 2)
        field *= amount * cell
        x, y = grid(view)
        steps = 1 + _STRAIN * amount * amount
        return resample(view.image, x + field[0], y + field[1], (steps, steps))
