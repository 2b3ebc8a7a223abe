"""Jitter."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import sample
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_ROUNDS = 5
_LARGEST = 2.5
"""Largest displacement of a round along an axis, in standard deviations."""


@register
class Jitter(Distortion):
    """Every pixel is taken from a random place near by, five times over: fine detail crumbles.

    Displacements are normal noise of `sigma` px along either axis, limited to 2.5 times that. Interpolation between
    pixels blurs a little each time.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), jitter: σ .05 to 1 px; range wider"
    sigma = Severity(mild=0.025, severe=1.0, unit="px", scale="log")
    field_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return what five rounds need: the largest displacement and the neighbour of the interpolation."""
        return _ROUNDS * _reach(params["sigma"])

    def apply(self, view: View, *, sigma: float, field_seed: int) -> Image:
        """Displace five times, with bilinear interpolation; each round uses up a part of the surroundings."""
        reach = _reach(sigma)
        image = trimmed(view.image, view.margin - _ROUNDS * reach)
        height, width = image.shape[:2]
        shape = height - 2 * reach, width - 2 * reach
        field = normal_field(field_seed, (_ROUNDS, 2, *shape))
        steps = np.rint(np.clip(field, -_LARGEST, _LARGEST) * np.float32(32 * sigma)).astype(np.int32)
        columns, rows = 32 * np.arange(width, dtype=np.int32), 32 * np.arange(height, dtype=np.int32)[:, None]
        for down, across in steps:
            height, width = image.shape[0] - 2 * reach, image.shape[1] - 2 * reach
            inside = np.s_[:height, :width]
            image = sample(
                image,
                across[inside] + columns[reach : reach + width],
                down[inside] + rows[reach : reach + height],
            )
        return image


def _reach(sigma: float) -> int:
    return math.ceil(_LARGEST * sigma) + 1
