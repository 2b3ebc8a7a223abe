"""Chromatic aberration."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register


@register
class ChromaticAberration(Distortion):
    """Red and blue moved in opposite directions, green not moved: coloured fringes.

    A lens does this radially. Within a patch, a small part of a photograph, it is a shift along one direction.
    """

    source = "Zhang et al. 2018, Table 2 (Spatial warp: chromatic aberration); range not published"
    distance = Severity(mild=0.005, severe=0.11, unit="patch", scale="log")
    angle = Nuisance(0.0, 360.0, unit="degrees")

    def apply(self, image: Image, *, distance: float, angle: float) -> Image:
        """Move red by `distance` towards `angle`, and blue by the same distance in the opposite direction."""
        x, y, patch = grid(image)
        dx = distance * patch * math.cos(math.radians(angle))
        dy = distance * patch * math.sin(math.radians(angle))
        red = resample(image[..., 0], x - dx, y - dy)
        blue = resample(image[..., 2], x + dx, y + dy)
        return np.dstack((red, image[..., 1], blue))
