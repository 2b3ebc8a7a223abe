"""Homography."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Homography(Distortion):
    """A change of viewpoint: each corner of the patch moves by the same length, in its own direction.

    The map from a square to a quadrilateral is the closed form of Heckbert 1989 (Fundamentals of Texture Mapping and
    Image Warping, 2.2.3), without a solver.

    Where a later operator needs surroundings, pixels beyond the patch move like the nearest pixel of its border: the
    horizon of a strong perspective can lie there, and no surroundings reach that far.
    """

    tags = frozenset({"displacement"})
    source = "Zhang et al. 2018, Table 2 (Spatial warp: homography); range not published"
    amount = Severity(mild=0.001, severe=0.3, unit="patch", scale="log")
    angle_0 = Nuisance(0.0, 360.0, unit="degrees, upper left corner")
    angle_1 = Nuisance(0.0, 360.0, unit="degrees, upper right corner")
    angle_2 = Nuisance(0.0, 360.0, unit="degrees, lower right corner")
    angle_3 = Nuisance(0.0, 360.0, unit="degrees, lower left corner")

    def margin(self, side: int, params: Params) -> int:
        """Return how far a corner moves outwards along an axis, and the neighbour of the interpolation."""
        outwards = (
            sign * move(math.radians(params[f"angle_{corner}"]))
            for corner, signs in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1)))
            for sign, move in zip(signs, (math.cos, math.sin), strict=True)
        )
        return math.ceil(max(0.0, *outwards) * params["amount"] * side) + 1

    def apply(
        self, view: View, *, amount: float, angle_0: float, angle_1: float, angle_2: float, angle_3: float
    ) -> Image:
        """Sample the quadrilateral whose corners are `amount` away from the corners of the patch."""
        x, y = grid(view)
        (height, width), patch = view.patch, view.side
        corners = zip((0, 1, 1, 0), (0, 0, 1, 1), (angle_0, angle_1, angle_2, angle_3), strict=True)
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (
            (
                (u - 0.5) * width + amount * patch * math.cos(math.radians(angle)),
                (v - 0.5) * height + amount * patch * math.sin(math.radians(angle)),
            )
            for u, v, angle in corners
        )
        dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
        dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
        area = dx1 * dy2 - dx2 * dy1
        g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
        beyond_x, beyond_y = (axis - np.clip(axis, -side / 2, side / 2) for axis, side in ((x, width), (y, height)))
        u, v = (x - beyond_x) / width + 0.5, (y - beyond_y) / height + 0.5
        depth = 1 / (g * u + (h * v + 1))
        # The mean of two opposite sides of the quadrilateral, for either axis of the patch.
        steps = (
            ((x1 - x0) ** 2 + (x2 - x3) ** 2) / (2 * width**2) + ((x3 - x0) ** 2 + (x2 - x1) ** 2) / (2 * height**2),
            ((y1 - y0) ** 2 + (y2 - y3) ** 2) / (2 * width**2) + ((y3 - y0) ** 2 + (y2 - y1) ** 2) / (2 * height**2),
        )
        return resample(
            view.image,
            ((x1 - x0 + g * x1) * u + ((x3 - x0 + h * x3) * v + x0)) * depth + beyond_x,
            ((y1 - y0 + g * y1) * u + ((y3 - y0 + h * y3) * v + y0)) * depth + beyond_y,
            steps,
        )
