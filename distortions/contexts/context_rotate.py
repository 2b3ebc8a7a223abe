"""Rotation, as in contexts."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class ContextRotate(Distortion):
    """Rotation about the centre; the photograph around the patch fills the corners.

    A uniform severity with a free direction gives the published U[30°, 330°]. The distance saturates: an image turned
    by 180° can look more similar than one turned by 90°.
    """

    source = "Pihlgren, Sandin and Liwicki 2023, rotate: U[30°, 330°]; fill not published"
    calibrated = False
    saturates = True
    angle = Severity(mild=30.0, severe=180.0, unit="degrees")
    direction = Choice(("clockwise", "counterclockwise"), unit="sense of rotation")

    def margin(self, side: int, params: Params) -> int:
        """Return how far a corner of a square moves beyond a side, and the neighbour of the interpolation."""
        return math.ceil((math.sqrt(2) - 1) / 2 * side) + 1

    def apply(self, view: View, *, angle: float, direction: str) -> Image:
        """Turn by `angle`."""
        cos = math.cos(math.radians(angle))
        sin = math.sin(math.radians(angle)) * (1 if direction == "clockwise" else -1)
        return resample_affine(view.image, view.shape, ((cos, sin), (-sin, cos)))
