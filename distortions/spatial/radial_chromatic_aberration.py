"""Radial chromatic aberration."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class RadialChromaticAberration(Distortion):
    """Lateral chromatic aberration: red and blue are enlarged and reduced about the optical centre, green is not.

    A patch is a crop, so the optical centre may lie far outside of it. Then the fringes have nearly one direction and
    width; near the centre they grow from nothing.
    """

    source = "ours, after the lateral chromatic aberration of lenses"
    amount = Severity(mild=0.0008, severe=0.12, unit="patch, displacement where it is largest", scale="log")
    larger = Choice(("red", "blue"), unit="enlarged channel")
    distance = Nuisance(0.0, 4.0, unit="patch, of the optical centre")
    angle = Nuisance(0.0, 360.0, unit="degrees, direction of the optical centre")

    def margin(self, side: int, params: Params) -> int:
        """Return the displacement and the neighbour of the interpolation."""
        return math.ceil(params["amount"] * side) + 1

    def apply(self, view: View, *, amount: float, larger: str, distance: float, angle: float) -> Image:
        """Scale red and blue in opposite senses; a corner opposite to the optical centre moves by `amount`."""
        growth = amount / (distance + math.sqrt(0.5)) * (1 if larger == "red" else -1)
        centre = (
            distance * view.side * math.cos(math.radians(angle)),
            distance * view.side * math.sin(math.radians(angle)),
        )
        red, blue = (
            resample_affine(
                view.image[..., channel],
                view.shape,
                ((1 - sign * growth, 0.0), (0.0, 1 - sign * growth)),
                (sign * growth * centre[0], sign * growth * centre[1]),
            )
            for channel, sign in ((0, 1), (2, -1))
        )
        return np.asarray(cv2.merge((red, view.centre[..., 1], blue)), np.uint8)
