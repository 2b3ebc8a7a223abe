"""Defocus blur."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.convolve import filter_light, offsets
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class DefocusBlur(Distortion):
    """A lens out of focus: every point of light becomes a disk, so that highlights bloom.

    A pixel at distance d from the centre weighs `radius` + ½ − d, between 0 and 1: about its share of the disk.
    """

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), lens blur; Hendrycks and Dietterich 2019 (ImageNet-C), "
        "defocus blur; range ours"
    )
    light = "linear"
    radius = Severity(mild=0.53, severe=5.0, unit="px", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return the radius and half a pixel, rounded up."""
        return math.ceil(params["radius"] + 0.5) - 1

    def apply(self, view: View, *, radius: float) -> NDArray[np.float32]:
        """Average over a disk of `radius` px."""
        x, y = offsets(math.ceil(radius + 0.5) - 1)
        kernel = np.clip(radius + 0.5 - np.sqrt(x * x + y * y), 0, 1)
        return filter_light(view, kernel)
