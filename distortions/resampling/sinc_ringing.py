"""Ringing."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# scipy has no stubs.

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.convolve import filter_levels, offsets
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class SincRinging(Distortion):
    """All frequencies above a limit are cut off: edges overshoot, and waves run beside them.

    The kernel is c·J₁(π·c·r)/(2·r), the circular low-pass at `cutoff` c, r px from its centre, in a square.
    """

    source = "Wang et al. 2021 (Real-ESRGAN), sinc filter: cut-offs 1/5 to 1, squares of up to 21 px; range ours"
    cutoff = Severity(mild=0.9, severe=0.18, unit="of the highest frequency of pixels", scale="log")
    radius = Nuisance(6, 10, unit="px from the centre of the kernel to its side", whole=True)

    def margin(self, side: int, params: Params) -> int:
        """Return the radius of the kernel."""
        return params["radius"]

    def apply(self, view: View, *, cutoff: float, radius: int) -> Image:
        """Cut off frequencies above `cutoff`/2 cycles per px."""
        from scipy.special import j1  # takes 0.1 s to import

        x, y = offsets(radius)
        distance = np.sqrt(x * x + y * y)
        distance[radius, radius] = 1
        kernel = np.asarray(j1(math.pi * cutoff * distance), np.float64) * cutoff / (2 * distance)
        kernel[radius, radius] = math.pi * cutoff * cutoff / 4
        return filter_levels(view, kernel)
