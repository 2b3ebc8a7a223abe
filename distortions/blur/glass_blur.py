"""Glass blur."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class GlassBlur(Distortion):
    """Frosted glass: between two Gaussian blurs, every pixel takes the colour of a random neighbour.

    The neighbour is up to `reach` px away along each axis, rounded to whole pixels. ImageNet-C swaps pixels in turn, so
    that none is lost; here all are read at once, which is a hundred times as fast and looks the same.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C: glass_blur); ends ours"
    reach = Severity(mild=0.52, severe=4.5, unit="px", scale="log")
    sigma = Severity(mild=0.3, severe=0.9, unit="px", scale="log")
    places_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of both blurs and of the pixels between them."""
        return 2 * _radius(params["sigma"]) + round(params["reach"])

    def apply(self, view: View, *, reach: float, sigma: float, places_seed: int) -> Image:
        """Blur with σ `sigma`, displace every pixel by up to `reach` px, and blur again."""
        blurred = cv2.GaussianBlur(view.image, (0, 0), sigma)
        (height, width), cut = blurred.shape[:2], _radius(sigma) + round(reach)
        rows, columns = np.arange(cut, height - cut)[:, None], np.arange(cut, width - cut)
        field = uniform_field(places_seed, (2, len(rows), len(columns)))
        dy, dx = np.rint(field * np.float32(reach)).astype(np.intp)
        moved = blurred.reshape(-1, 3).take((rows + dy) * width + columns + dx, axis=0)
        return trimmed(np.asarray(cv2.GaussianBlur(moved, (0, 0), sigma), np.uint8), view.margin - cut)


def _radius(sigma: float) -> int:
    return math.ceil(3 * sigma) + 1
