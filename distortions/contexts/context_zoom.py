"""Zoom, as in contexts."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class ContextZoom(Distortion):
    """The centre of the patch enlarged; a uniform severity gives the published U[1.1, 2]."""

    source = "Pihlgren, Sandin and Liwicki 2023, zoom: U[1.1, 2]"
    calibrated = False
    factor = Severity(mild=1.1, severe=2.0, unit="times")

    def margin(self, side: int, params: Params) -> int:
        """Return the neighbour of the interpolation."""
        return 1

    def apply(self, view: View, *, factor: float) -> Image:
        """Enlarge by `factor`, with bilinear interpolation."""
        return resample_affine(view.image, view.shape, ((1 / factor, 0.0), (0.0, 1 / factor)))
