"""Frame interpolation by repetition."""

# pyright: reportIncompatibleMethodOverride=false
# `apply` takes one parameter more than that of the base class.

from __future__ import annotations

from bappsmith.distortions.functional.motion import Motion, frames_of
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Flag
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed

from .frame_interpolation import FrameInterpolation


@register
class NearestFrame(FrameInterpolation):
    """The frame before, or the frame after: sharp, but half of the motion away."""

    tags = frozenset({"displacement"})
    source = "frame repetition, the simplest baseline of frame interpolation; motion ours"
    later = Flag("the frame after")

    def apply(self, view: View, *, distance: float, angle: float, bend: int, later: bool) -> Image:
        """Return one of the two frames."""
        return trimmed(frames_of(view, Motion(distance, angle, bend))[later], view.margin).copy()
