"""Checkerboard artefact."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register


@lru_cache(maxsize=64)
def _light_squares(height: int, width: int, cell: int) -> Image:
    """Return 255 on every other square of `cell` px and 0 between, uint8 H×W×3."""
    rows, columns = np.arange(height) // cell, np.arange(width) // cell
    light = ((rows[:, None] + columns) % 2 * 255).astype(np.uint8)
    return np.repeat(light[:, :, None], 3, axis=2)


@register
class CheckerboardArtifact(Distortion):
    """Squares that are alternately lighter and darker, like the artefacts of transposed convolutions.

    The paper does not publish its pattern. This one follows the description of such artefacts by Odena et al. 2016
    (Distill, doi 10.23915/distill.00003). A patch is a crop, so the pattern starts anywhere in a square.
    """

    source = "Zhang et al. 2018, Table 2 (Noise: checkerboard artifact); range not published"
    amount = Severity(mild=2.0, severe=40.0, unit="levels of 255", scale="log", whole=True)
    cell = Choice((1, 2, 4), unit="side of a square in px")
    row_phase = Nuisance(0, 7, unit="px", whole=True)
    column_phase = Nuisance(0, 7, unit="px", whole=True)

    def apply(self, image: Image, *, amount: int, cell: int, row_phase: int, column_phase: int) -> Image:
        """Make the squares lighter and darker by `amount` levels, clipped to [0, 255].

        The upper left pixel is `row_phase` and `column_phase` px after the corner of a dark square.
        """
        height, width = image.shape[:2]
        period = 2 * cell
        top, left = row_phase % period, column_phase % period
        squares = _light_squares(height + period, width + period, cell)[top : top + height, left : left + width]
        lighter = squares & np.uint8(amount)
        # Each pixel is raised or lowered: whole numbers in uint8, without a wider type.
        return np.asarray(cv2.subtract(cv2.add(image, lighter), np.uint8(amount) - lighter), np.uint8)
