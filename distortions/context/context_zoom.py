"""Zoom, as in contexts."""

from __future__ import annotations

from ..base import Distortion, Image, Severity
from ..registry import register
from ..spatial.resample import grid, resample


@register
class ContextZoom(Distortion):
    """The centre of the patch enlarged; a uniform severity is the published U[1.1, 2]."""

    source = "Pihlgren, Sandin and Liwicki 2023 (zoom, U[1.1, 2])"
    factor = Severity(mild=1.1, severe=2.0, unit="times")

    def apply(self, image: Image, *, factor: float) -> Image:
        """Enlarge by `factor`, bilinearly."""
        x, y, _ = grid(image)
        return resample(image, x / factor, y / factor)
