"""The base class of frame interpolations between real frames."""

from __future__ import annotations

from typing import ClassVar

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image
from bappsmith.distortions.restoration.frame_interpolation.frame_interpolation import AROUND
from bappsmith.distortions.view import FRAMES, View, trimmed
from bappsmith.manifests.schema.call import Params


class SequenceInterpolation(Distortion):
    """An operator that estimates a frame of a sequence from the frames before and after, which it is given.

    The motion between the frames decides how far the result is from the true frame; severity has no effect. All such
    operators can be given the same two frames. An image that comes without frames is moved by two and three px to make
    them up. A subclass defines `middle`.
    """

    neighbours = True
    calibrated = False
    degradation: ClassVar[tuple[str, ...]] = FRAMES

    def margin(self, side: int, params: Params) -> int:
        """Return the windows of the methods, and a quarter of the patch for what moves in."""
        return AROUND + side // 4

    def apply(self, view: View, *, before: str, after: str) -> Image:
        """Estimate the frame between `before` and `after`."""
        return trimmed(self.middle(*view.frames), view.margin).copy()

    def middle(self, before: Image, after: Image) -> Image:
        """Estimate the frame between two frames, uint8 H×W×3 RGB of one size."""
        raise NotImplementedError
