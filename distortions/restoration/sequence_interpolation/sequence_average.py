"""The mean of the frames before and after."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import average
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .sequence_interpolation import SequenceInterpolation


@register
class SequenceAverage(SequenceInterpolation):
    """The mean of the real frames before and after: what moves is doubled, each half as strong."""

    source = "frame averaging, the usual baseline of frame interpolation"

    def middle(self, before: Image, after: Image) -> Image:
        """Return the mean."""
        return average(before, after)
