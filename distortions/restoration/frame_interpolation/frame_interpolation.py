"""The base class of frame interpolations of a synthetic motion."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.motion import Motion, frames_of, reach
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

AROUND = 20
"""Px around the patch that the methods see besides what the motion moves in: more than half of their windows."""


class FrameInterpolation(Distortion):
    """An operator that moves the image half a smooth motion back and forth, and estimates the image from these two.

    All such operators can be given the same two frames. A subclass defines `middle`. Beyond about 8 px every method of
    optical flow fails, so severity ends there.
    Equal severities mean equal motion, not equal disturbance.
    """

    calibrated = False
    degradation = ("distance", "angle", "bend")
    distance = Severity(mild=0.4, severe=8.0, unit="px from frame to frame", scale="log")
    angle = Nuisance(0.0, 360.0, unit="degrees")
    bend = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the windows of the methods, and twice half of the motion: once to make the frames, once to go back."""
        return AROUND + math.ceil(reach(params["distance"], AROUND, side))

    def apply(self, view: View, *, distance: float, angle: float, bend: int) -> Image:
        """Make the frames before and after, and estimate the one between."""
        before, after = frames_of(view, Motion(distance, angle, bend))
        return trimmed(self.middle(before, after), view.margin)

    def middle(self, before: Image, after: Image) -> Image:
        """Estimate the frame between two frames, uint8 H×W×3 RGB of one size."""
        raise NotImplementedError
