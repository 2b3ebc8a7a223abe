"""Resizing by bicubic interpolation."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.reduce_and_enlarge import BICUBIC, reduce_and_enlarge, reduction_margin
from bappsmith.distortions.parameters import Flag, Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class BicubicResize(Distortion):
    """Reduced and enlarged again by bicubic interpolation: what is finer than the coarser grid is lost.

    The reduction averages with a kernel as wide as its factor (Pillow), or reads 4 × 4 px however far the positions are
    apart (OpenCV), which leaves false patterns. A patch is a crop, so the coarser grid starts anywhere. Even a
    factor near 1 reads between pixels twice, which is visible: the mild end is not as mild as that of other operators.
    """

    source = "Wang et al. 2021 (Real-ESRGAN), resize; Zhang et al. 2021 (BSRGAN), bicubic; range ours"
    factor = Severity(mild=1.05, severe=5.0, unit="px per px", scale="log")
    antialiased = Flag(unit="the kernel of the reduction is as wide as its factor")
    row_phase = Nuisance(0, 1, unit="px of the reduced image")
    column_phase = Nuisance(0, 1, unit="px of the reduced image")

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of both kernels."""
        return reduction_margin(params["factor"], BICUBIC)

    def apply(self, view: View, *, factor: float, antialiased: bool, row_phase: float, column_phase: float) -> Image:
        """Reduce by `factor`; the middle is `row_phase` and `column_phase` px after one of the reduced image."""
        return reduce_and_enlarge(view, factor, (row_phase, column_phase), BICUBIC, antialiased=antialiased)
