"""Frame interpolation by polynomial expansion."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import between, farneback
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .frame_interpolation import FrameInterpolation


@register
class FarnebackFlow(FrameInterpolation):
    """Both frames moved half of the way to each other along the optical flow of polynomial expansion.

    The flow is smooth over 13 px and fades to zero where there is little texture: edges of flat areas are doubled.
    The distance saturates: half a motion of a whole number of px is undone without interpolating, so that a larger one
    can do less.
    """

    saturates = True
    source = "Farnebäck 2003, Two-Frame Motion Estimation Based on Polynomial Expansion; motion ours"
    portable = False

    def middle(self, before: Image, after: Image) -> Image:
        """Interpolate along the flow."""
        return between(before, after, farneback)
