"""Zoom, as in contexts."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register


@register
class ContextZoom(Distortion):
    """The centre of the patch enlarged; a uniform severity gives the published U[1.1, 2]."""

    source = "Pihlgren, Sandin and Liwicki 2023 (zoom, U[1.1, 2])"
    calibrated = False
    factor = Severity(mild=1.1, severe=2.0, unit="times")

    def apply(self, image: Image, *, factor: float) -> Image:
        """Enlarge by `factor`, with bilinear interpolation."""
        x, y, _ = grid(image)
        return resample(image, x / factor, y / factor)
