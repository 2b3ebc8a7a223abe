"""Frame interpolation by dense inverse search."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import between, dis
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .frame_interpolation import FrameInterpolation


@register
class DisFlow(FrameInterpolation):
    """Both frames moved half of the way to each other along the optical flow of dense inverse search.

    Fine detail is blurred by sampling twice. Where the flow is wrong, things are doubled or torn.
    The distance saturates: half a motion of a whole number of px is undone without interpolating, so that a larger one
    can do less.
    """

    saturates = True
    source = "Kroeger, Timofte, Dai and Van Gool 2016, Fast Optical Flow using Dense Inverse Search; motion ours"
    portable = False

    def middle(self, before: Image, after: Image) -> Image:
        """Interpolate along the flow."""
        return between(before, after, dis)
