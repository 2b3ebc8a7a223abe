"""Glass blur."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class GlassBlur(Distortion):
    """Frosted glass: between two Gaussian blurs, every pixel takes the colour of a neighbour at random.

    Displacements along each axis are normal with σ `spread`, rounded to whole pixels. ImageNet-C swaps pixels in turn,
    several times, so that none is lost. Here all are read at once: another random sequence, the same look.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C), glass blur; range ours"
    spread = Severity(mild=0.2, severe=2.5, unit="px", scale="log")
    sigma = Severity(mild=0.3, severe=0.7, unit="px", scale="log")
    places_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of both blurs, and of the displacements between them."""
        return 2 * _radius(params["sigma"]) + _reach(params["spread"])

    def apply(self, view: View, *, spread: float, sigma: float, places_seed: int) -> Image:
        """Blur with σ `sigma`, displace every pixel, and blur again."""
        blurred = np.asarray(cv2.GaussianBlur(view.image, (0, 0), sigma), np.uint8)
        cut = _radius(sigma) + _reach(spread)
        height, width = (length + 2 * view.margin for length in view.shape)
        field = normal_field(places_seed, (2, height - 2 * cut, width - 2 * cut))
        dy, dx = np.rint(field * np.float32(spread)).astype(np.intp)
        rows, columns = np.arange(cut, height - cut)[:, None], np.arange(cut, width - cut)
        places: NDArray[np.intp] = (rows + dy) * width + columns + dx
        moved = blurred.reshape(-1, 3).take(places, axis=0)
        return trimmed(np.asarray(cv2.GaussianBlur(moved, (0, 0), sigma), np.uint8), view.margin - cut)


def _reach(spread: float) -> int:
    """Return the largest displacement, px: normal fields end at 4.33 σ."""
    return math.ceil(4.34 * spread)


def _radius(sigma: float) -> int:
    return math.ceil(3 * sigma) + 1
