"""Checkerboard artefact."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Severity
from bappsmith.distortions.registry import register


@lru_cache(maxsize=64)
def _squares(height: int, width: int, cell: int) -> NDArray[np.float32]:
    """Return −1 and 1 on alternate squares of `cell` px, float32 H×W×3."""
    rows, columns = np.arange(height) // cell, np.arange(width) // cell
    sign = (rows[:, None] + columns) % 2 * 2 - 1
    return np.repeat(sign.astype(np.float32)[:, :, None], 3, axis=2)


@register
class CheckerboardArtifact(Distortion):
    """Squares that are alternately lighter and darker, like the artefacts of transposed convolutions.

    The paper does not publish its pattern. This one follows the description of such artefacts by Odena et al. 2016
    (Distill, doi 10.23915/distill.00003).
    """

    source = "Zhang et al. 2018, Table 2 (Noise: checkerboard artifact); range not published"
    amount = Severity(mild=5.0, severe=60.0, unit="levels of 255", scale="log")
    cell = Choice((1, 2, 4), unit="side of a square in px")

    def apply(self, image: Image, *, amount: float, cell: int) -> Image:
        """Make the squares lighter and darker by `amount` levels, clipped to [0, 255]."""
        patterned = image + np.float32(amount) * _squares(*image.shape[:2], cell)
        return np.clip(np.rint(patterned), 0, 255).astype(np.uint8)
