"""Zoom blur."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.resample import sample
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
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

    source = "Hendrycks and Dietterich 2019 (ImageNet-C), zoom blur, there only larger views; range ours"
    light = "linear"
    length = Severity(mild=0.25, severe=8.0, unit="px", scale="log")
    centre_x = _CENTRE
    centre_y = _CENTRE

    def margin(self, side: int, params: Params) -> int:
        """Return how far the corner that is farthest from the centre moves, and a pixel for the interpolation."""
        farthest = 0.5 + max(abs(params["centre_x"]), abs(params["centre_y"]))
        return _reach(params["length"] / side, farthest * side)

    def apply(self, view: View, *, length: float, centre_x: float, centre_y: float) -> NDArray[np.float32]:
        """Average views around a centre that is `centre_x` and `centre_y` patches from the middle."""
        light = np.rint(view.image * np.float32(_FULL)).astype(np.uint16)
        # Views are at most a pixel apart along either axis.
        off_centre = max(abs(centre_x), abs(centre_y))
        rounds = max(1, math.ceil(math.log2(length * (1 + 2 * off_centre))))
        farthest = (0.5 * max(view.shape) / view.side + off_centre) * view.side
        change, margin = length / view.side, view.margin
        centre = (centre_x * view.side, centre_y * view.side)
        for left in reversed(range(rounds)):
            change /= 2
            rest = min(margin, _reach(change, farthest)) if left else 0  # what later rounds need
            to = (light.shape[0] - 2 * (margin - rest), light.shape[1] - 2 * (margin - rest))
            larger, smaller = (_scaled(light, to, scale, centre) for scale in (math.exp(-change), math.exp(change)))
            light, margin = np.asarray((larger >> 1) + (smaller >> 1) + (larger & smaller & 1), np.uint16), rest
        return light.astype(np.float32) * np.float32(1 / _FULL)


def _reach(change: float, farthest: float) -> int:
    """Return how far the farthest border, px from the centre, moves if a picture grows by exp(`change`), and a px."""
    return math.ceil((math.exp(change) - 1) * farthest) + 1


def _scaled(
    light: NDArray[np.uint16], shape: tuple[int, int], scale: float, centre: tuple[float, float]
) -> NDArray[np.uint16]:
    """Read the middle of an image `scale` times as far from a centre, bilinearly, to 1/32 px."""
    columns, rows = (
        np.rint(32 * ((np.arange(n) - (n - 1) / 2 - at) * scale + at + (whole - 1) / 2)).astype(np.int32)
        for n, whole, at in zip(shape[::-1], light.shape[1::-1], centre, strict=True)
    )
    return sample(light, columns[None, :], rows[:, None])
