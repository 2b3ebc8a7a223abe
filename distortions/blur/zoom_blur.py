"""Zoom blur."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.resample import resample_affine
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_FULL = 65535
_CENTRE = Nuisance(-1, 1, unit="patch, from the middle")


@register
class ZoomBlur(Distortion):
    """The lens zooms during the exposure: the mean of light of views from a little smaller to a little larger.

    Points leave radial trails. They have the given length at half a patch from the centre of the zoom, and none in the
    centre, which may lie outside of the patch. Scales are exp(±t), t up to length/side. There are 2^k of them: each of
    k rounds averages two scaled copies of the last one's result.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C: zoom_blur, which only enlarges); ends ours"
    light = "linear"
    length = Severity(mild=0.6, severe=14.0, unit="px", scale="log")
    centre_x = _CENTRE
    centre_y = _CENTRE

    def margin(self, side: int, params: Params) -> int:
        """Return how far the corner that is farthest from the centre moves, and a pixel for the interpolation."""
        farthest = 0.5 + max(abs(params["centre_x"]), abs(params["centre_y"]))
        return math.ceil((math.exp(params["length"] / side) - 1) * farthest * side) + 1

    def apply(self, view: View, *, length: float, centre_x: float, centre_y: float) -> NDArray[np.float32]:
        """Average views around a centre that is `centre_x` and `centre_y` patches from the middle."""
        image = np.rint(view.image * np.float32(_FULL)).astype(np.uint16)
        # Views are at most a pixel apart along either axis.
        rounds = max(1, math.ceil(math.log2(length * (1 + 2 * max(abs(centre_x), abs(centre_y))))))
        across, down = centre_x * view.side, centre_y * view.side
        for halving in range(1, rounds + 1):
            nearer, farther = (_scaled(image, math.exp(t * length / view.side), across, down) for t in _halves(halving))
            image = ((nearer.astype(np.uint32) + farther + 1) >> 1).astype(np.uint16)
        return trimmed(image, view.margin).astype(np.float32) * np.float32(1 / _FULL)


def _halves(halving: int) -> tuple[float, float]:
    return -(0.5**halving), 0.5**halving


def _scaled(image: NDArray[np.uint16], scale: float, across: float, down: float) -> NDArray[np.uint16]:
    offset = ((1 - scale) * across, (1 - scale) * down)
    return resample_affine(image, image.shape[:2], ((scale, 0), (0, scale)), offset)
