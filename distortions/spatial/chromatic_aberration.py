"""Chromatic aberration."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class ChromaticAberration(Distortion):
    """Red and blue moved in opposite directions, green not moved: coloured fringes.

    A lens does this radially. Within a patch, a small part of a photograph, it is a shift along one direction.
    """

    source = "Zhang et al. 2018, Table 2 (Spatial warp: chromatic aberration); range not published"
    distance = Severity(mild=0.001, severe=0.11, unit="patch", scale="log")
    angle = Nuisance(0.0, 360.0, unit="degrees")

    def margin(self, side: int, params: Params) -> int:
        """Return the distance and the neighbour of the interpolation."""
        return math.ceil(params["distance"] * side) + 1

    def apply(self, view: View, *, distance: float, angle: float) -> Image:
        """Move red by `distance` towards `angle`, and blue by the same distance in the opposite direction."""
        dx = distance * view.side * math.cos(math.radians(angle))
        dy = distance * view.side * math.sin(math.radians(angle))
        still = (1.0, 0.0), (0.0, 1.0)
        red = resample_affine(view.image[..., 0], view.shape, still, (-dx, -dy))
        blue = resample_affine(view.image[..., 2], view.shape, still, (dx, dy))
        return np.asarray(cv2.merge((red, view.centre[..., 1], blue)), np.uint8)
