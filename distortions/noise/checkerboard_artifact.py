"""Checkerboard artefact."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from ..base import Choice, Distortion, Image, Severity
from ..registry import register


@lru_cache(maxsize=64)
def _dark_fields(height: int, width: int, cell: int) -> Image:
    """255 on every other square of `cell` pixels, three channels."""
    rows, columns = np.arange(height) // cell, np.arange(width) // cell
    odd = (rows[:, None] + columns) % 2
    return np.repeat((odd * 255).astype(np.uint8)[:, :, None], 3, axis=2)


@register
class CheckerboardArtifact(Distortion):
    """Squares alternately lighter and darker, as transposed convolutions leave them.

    The pattern the paper means is not published; this one follows the description of such
    artefacts by Odena et al. 2016 (Distill, doi 10.23915/distill.00003).
    """

    source = "Zhang et al. 2018, Table 2 (Noise: checkerboard artifact); range not published"
    amount = Severity(mild=10.0, severe=80.0, unit="levels of 255", scale="log")
    cell = Choice((1, 2, 4), unit="side of a square in px")

    def apply(self, image: Image, *, amount: float, cell: int) -> Image:
        """Make the squares lighter and darker by `amount`, clipped to [0, 255]."""
        pattern = _dark_fields(*image.shape[:2], cell)
        return cv2.addWeighted(image, 1, pattern, 2 * amount / 255, -amount)
