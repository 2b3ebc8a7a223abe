"""Interpolation of real frames by dense inverse search."""

from __future__ import annotations

from bappsmith.distortions.functional.interpolate_frames import between, dis
from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import register

from .sequence_interpolation import SequenceInterpolation


@register
class SequenceDis(SequenceInterpolation):
    """The real frames before and after, moved half of the way to each other along the flow of dense inverse search."""

    source = "Kroeger, Timofte, Dai and Van Gool 2016, Fast Optical Flow using Dense Inverse Search"
    portable = False

    def middle(self, before: Image, after: Image) -> Image:
        """Interpolate along the flow."""
        return between(before, after, dis)
