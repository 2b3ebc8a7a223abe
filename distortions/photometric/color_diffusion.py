"""Colour diffusion."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cielab import from_roots, to_roots
from bappsmith.distortions.functional.integer_gaussian import integer_gaussian
from bappsmith.distortions.functional.row_chunks import row_chunks
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_SCALE = 32768
"""16-bit steps per 1: differences of roots are in (−1, 1)."""
_FROM_ROOTS = np.array(((_SCALE, -_SCALE, 0, 32768.5), (0, _SCALE, -_SCALE, 32768.5)))
"""To a / 500 and b / 200, with a half for rounding."""


@register
class ColorDiffusion(Distortion):
    """Colours run over the edges of things, lightness stays: a and b of CIELAB are blurred.

    KADID-10k also multiplies a and b by a factor that grows with the blur; that part is `lab_saturation`. Without it
    people hardly mind: the severe end has a damage of about 1.2, and grey scenes do not change.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color diffusion: σ 3.5 to 20 px; range ours"
    sigma = Severity(mild=0.7, severe=20.0, unit="px", scale="log")

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations, rounded up."""
        return math.ceil(3 * params["sigma"]) + 1

    def apply(self, view: View, *, sigma: float) -> Image:
        """Blur a and b with a Gaussian of `sigma` px."""
        height, width = view.image.shape[:2]
        lightness, colour = np.empty((height, width)), np.empty((height, width, 2), np.uint16)
        for rows in row_chunks((height, width)):
            roots = to_roots(view.image[rows])
            lightness[rows] = roots[..., 1]
            colour[rows] = np.asarray(cv2.transform(roots, _FROM_ROOTS), np.float64)
        smooth = integer_gaussian(colour, sigma)
        inner = np.s_[view.margin : -view.margin, view.margin : -view.margin]
        lightness, smooth = lightness[inner], smooth[inner]
        result = np.empty((*view.shape, 3), np.uint8)
        for rows in row_chunks(view.shape):
            y, differences = lightness[rows], (smooth[rows].astype(np.float64) - 32768) * (1 / _SCALE)
            roots = np.dstack([y + differences[..., 0], y, y - differences[..., 1]])
            result[rows] = from_roots(np.asarray(roots, np.float64))
        return result
