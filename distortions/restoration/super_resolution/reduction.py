"""The degradation that super-resolution undoes: blur, reduce, add noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bappsmith.distortions.image import Image
from bappsmith.distortions.restoration.patch_noise import with_noise
from bappsmith.distortions.view import View

LEAST = 0.2
"""Standard deviation in px below which nothing is blurred: a neighbour would weigh exp(−1/(2·.2²)), 4·10⁻⁶."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """How an image is reduced.

    Attributes:
        factor: px along a side of what becomes one px.
        blur: standard deviation of the lens, in px of the reduced image.
        noise: standard deviation, levels of 255.
        phase: where the grid of large pixels starts: rows and columns from the corner of the patch, px.
        sub_seed: of the noise.
    """

    factor: int
    blur: float
    noise: float
    phase: tuple[int, int]
    sub_seed: int

    @property
    def sigma(self) -> float:
        """Standard deviation of the lens, in px of the patch."""
        return self.blur * self.factor


@dataclass(frozen=True, slots=True)
class Reduced:
    """A reduced image.

    Attributes:
        image: uint8 h×w×3 RGB.
        top: row of the result in the enlarged image.
        left: column of the result in the enlarged image.
        shape: height and width of the result, px.
    """

    image: Image
    top: int
    left: int
    shape: tuple[int, int]

    def cut(self, enlarged: Image) -> Image:
        """Cut the result from the enlarged image; not a copy."""
        return enlarged[self.top : self.top + self.shape[0], self.left : self.left + self.shape[1]]


def reduced(image: Image, reduction: Reduction) -> Image:
    """Blur and reduce: each pixel is the mean of a square of `factor`² px, as a pixel of a sensor sums light.

    Args:
        image: uint8 H×W×3 RGB; sides are multiples of the factor.
        reduction: noise and phase are not used.

    Returns:
        uint8 h×w×3 RGB.
    """
    if reduction.sigma >= LEAST:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), reduction.sigma), np.uint8)
    size = (image.shape[1] // reduction.factor, image.shape[0] // reduction.factor)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def reduce_view(view: View, reduction: Reduction) -> Reduced:
    """Reduce a patch with its surroundings, and add noise.

    Args:
        view: uint8 patch with a margin of at least `factor` px.
        reduction: how.
    """
    factor = reduction.factor
    sides = list(zip(view.image.shape[:2], view.patch, strict=True))
    origins = [(whole - patch) // 2 for whole, patch in sides]
    first = [(origin - phase) % factor for origin, phase in zip(origins, reduction.phase, strict=True)]
    whole = [(side - start) // factor * factor for side, start in zip(view.image.shape[:2], first, strict=True)]
    part = view.image[first[0] : first[0] + whole[0], first[1] : first[1] + whole[1]]
    small = reduced(part, reduction)
    row, column = ((origin - start) // factor for origin, start in zip(origins, first, strict=True))
    patch = view.patch[0] // factor, view.patch[1] // factor
    small = with_noise(small, reduction.noise, reduction.sub_seed, (row, column), patch)
    return Reduced(small, view.margin - first[0], view.margin - first[1], view.shape)
