"""Interpolation of real frames by polynomial expansion."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import between, farneback
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .sequence_interpolation import SequenceInterpolation


@register
class SequenceFarneback(SequenceInterpolation):
    """The real frames before and after, moved half of the way to each other along the flow of polynomial expansion."""

    source = "Farnebäck 2003, Two-Frame Motion Estimation Based on Polynomial Expansion"
    portable = False

    def middle(self, before: Image, after: Image) -> Image:
        """Interpolate along the flow."""
        return between(before, after, farneback)
