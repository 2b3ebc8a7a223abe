"""Resizing by Lanczos interpolation."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.reduce_and_enlarge import LANCZOS, reduce_and_enlarge, reduction_margin
from bappsmith.distortions.parameters import Flag, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class LanczosResize(Distortion):
    """Reduced and enlarged again by Lanczos interpolation: what is finer than the coarser grid is lost, edges ring.

    The reduction averages with a kernel as wide as its factor (Pillow, three lobes), or reads 8 × 8 px however far the
    positions are apart (OpenCV, four lobes), which leaves false patterns. Enlarging is Pillow's. A patch is a crop, so
    the coarser grid starts anywhere.
    """

    source = "Duchon 1979, Lanczos filter, by Pillow and OpenCV; range ours"
    factor = Severity(mild=1.05, severe=5.0, unit="px per px", scale="log")
    antialiased = Flag(unit="the kernel of the reduction is as wide as its factor")
    row_phase = Nuisance(0, 1, unit="px of the reduced image")
    column_phase = Nuisance(0, 1, unit="px of the reduced image")

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of both kernels."""
        return reduction_margin(params["factor"], LANCZOS)

    def apply(self, view: View, *, factor: float, antialiased: bool, row_phase: float, column_phase: float) -> Image:
        """Reduce by `factor`; the middle is `row_phase` and `column_phase` px after one of the reduced image."""
        return reduce_and_enlarge(view, factor, (row_phase, column_phase), LANCZOS, antialiased=antialiased)
