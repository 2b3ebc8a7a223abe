"""Row jitter."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import sample
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_LARGEST = 3.0
"""Largest shift of a row, in standard deviations."""


@register
class RowJitter(Distortion):
    """Rows moved to the left or right, each by its own random shift, as on a worn video tape."""

    source = "ours, after the line jitter of analogue video"
    sigma = Severity(mild=0.06, severe=3.0, unit="px", scale="log")
    rows_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the largest shift and the neighbour of the interpolation."""
        return math.ceil(_LARGEST * params["sigma"]) + 1

    def apply(self, view: View, *, sigma: float, rows_seed: int) -> Image:
        """Move each row by normal noise of standard deviation `sigma`, limited to three times that."""
        height, width = view.shape
        shifts = np.clip(normal_field(rows_seed, (height, 1)), -_LARGEST, _LARGEST) * np.float32(32 * sigma)
        columns = 32 * np.arange(view.margin, view.margin + width, dtype=np.int32)
        rows = 32 * np.arange(view.margin, view.margin + height, dtype=np.int32)
        return sample(view.image, columns + np.rint(shifts).astype(np.int32), rows[:, None])
