"""Linear warp."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.knots import warp_by_knots
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


def _linear(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of linear interpolation."""
    return np.maximum(1 - distance, 0)


@register
class LinearWarp(Distortion):
    """Random displacements at 3 × 3 knots, interpolated linearly: straight lines get kinks.

    The paper does not publish its linear warping. This is our interpretation, together with cubic warping.
    """

    tags = frozenset({"displacement"})
    source = "Zhang et al. 2018, Table 2 (Spatial warp: linear warping); form and range not published"
    amount = Severity(mild=0.001, severe=0.25, unit="patch", scale="log")
    knots_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the displacement and the neighbour of the interpolation."""
        return math.ceil(params["amount"] * side) + 1

    def apply(self, view: View, *, amount: float, knots_seed: int) -> Image:
        """Displace each knot by up to `amount` along both axes."""
        return warp_by_knots(view, amount, knots_seed, _linear)
