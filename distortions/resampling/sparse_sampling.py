"""Sparse sampling."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class SparseSampling(Distortion):
    """Most pixels are lost at random places, and are rebuilt from those that are left.

    A lost pixel becomes the mean of the pixels around it, weighted by a Gaussian of σ 0.7/√density px, about the
    distance of those that are left. TID2013 rebuilds pictures by compressive sensing, which is slow; this is ours.
    """

    source = "Ponomarenko et al. 2015 (TID2013), type 24, sparse sampling and reconstruction; rebuilding and range ours"
    density = Severity(mild=0.97, severe=0.1, unit="of pixels are left", scale="log")
    places_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return four standard deviations, where OpenCV ends the kernel, rounded up."""
        return math.ceil(4 * _sigma(params["density"])) + 1

    def apply(self, view: View, *, density: float, places_seed: int) -> Image:
        """Keep a share of `density` of the pixels, and rebuild the others."""
        (height, width), margin = view.image.shape[:2], view.margin
        patch = np.s_[margin : height - margin, margin : width - margin]
        left = (uniform_field(places_seed, (height, width)) < np.float32(2 * density - 1))[..., None]
        # OpenCV blurs whole numbers of 16 bits with the same result on every processor.
        known = np.concatenate((view.image * np.uint16(256), np.full((height, width, 1), 65535, np.uint16)), axis=2)
        sums = cv2.GaussianBlur(known * left, (0, 0), _sigma(density))[patch].astype(np.float32)
        rebuilt = np.rint(sums[..., :3] / np.maximum(sums[..., 3:], 1) * np.float32(65535 / 256))
        rebuilt = np.minimum(rebuilt, 255).astype(np.uint8)
        return np.where(left[patch], view.image[patch], rebuilt)


def _sigma(density: float) -> float:
    return 0.7 / math.sqrt(density)
