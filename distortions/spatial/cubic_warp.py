"""Cubic warp."""

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

_OVERSHOOT = 1.25**2
"""Largest sum of absolute weights, over both axes. Half-way between knots, an axis has 9/16 twice and 1/16 twice."""


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of cubic convolution with a = −1/2 (Keys 1981), which interpolates the knots smoothly."""
    near = (1.5 * distance - 2.5) * distance * distance + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0))


@register
class CubicWarp(Distortion):
    """Random displacements at 3 × 3 knots, interpolated by cubics: straight lines become wavy.

    The paper does not publish its cubic warping. This is our interpretation, together with linear warping.
    """

    tags = frozenset({"displacement"})
    source = "Zhang et al. 2018, Table 2 (Spatial warp: cubic warping); form and range not published"
    amount = Severity(mild=0.001, severe=0.21, unit="patch", scale="log")
    knots_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the displacement, with the overshoot of cubics, and the neighbour of the interpolation."""
        return math.ceil(_OVERSHOOT * params["amount"] * side) + 1

    def apply(self, view: View, *, amount: float, knots_seed: int) -> Image:
        """Displace each knot by up to `amount` along both axes."""
        return warp_by_knots(view, amount, knots_seed, _cubic)
