"""The frame before or after."""

# pyright: reportIncompatibleMethodOverride=false
# `apply` takes one parameter more than that of the base class.

from __future__ import annotations

from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Flag
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed

from .sequence_interpolation import SequenceInterpolation


@register
class SequenceNearest(SequenceInterpolation):
    """The real frame before, or the one after: sharp, but what moves is elsewhere."""

    tags = frozenset({"displacement"})
    source = "frame repetition, the simplest baseline of frame interpolation"
    later = Flag("the frame after")

    def apply(self, view: View, *, before: str, after: str, later: bool) -> Image:
        """Return one of the two frames."""
        return trimmed(view.frames[later], view.margin).copy()
