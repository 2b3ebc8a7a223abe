"""Frame interpolation by the mean."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import average
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .frame_interpolation import FrameInterpolation


@register
class AverageFrames(FrameInterpolation):
    """The mean of the frames before and after: everything is doubled, each half as strong."""

    source = "frame averaging, the usual baseline of frame interpolation; motion ours"

    def middle(self, before: Image, after: Image) -> Image:
        """Return the mean."""
        return average(before, after)
