"""Colorization by regression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.functional.colour_hints import Chroma, Hints
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View

from .hinted_colorization import HintedColorization

_RIDGE = 0.02
"""Weight of the squared coefficients. It decides where hints are fewer than features."""
_WINDOW = 2.0
"""Standard deviation of the window of local statistics, px."""


@register
class RegressionColorization(HintedColorization):
    """One formula for the whole image: chroma from luma, local mean and contrast of luma, and position.

    The coefficients come from the hints, by ridge regression. Hints are not kept. Colour follows the luma everywhere,
    so that things of one brightness get one colour, and few saturated colours come out.
    """

    source = "ours; regression of chroma on local luminance statistics as in Welsh, Ashikhmin and Mueller 2002"
    portable = False

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Fit the coefficients to the hints and predict every pixel."""
        features = _features(hints.grey, view)
        # What a later operator of the chain adds to the view must not change the coefficients.
        near = hints.known & _window(view, spacing)
        at_hints = features[near]
        normal = at_hints.T @ at_hints + _RIDGE * len(at_hints) * np.eye(features.shape[2])
        coefficients = np.linalg.solve(normal, at_hints.T @ hints.chroma[near])
        return (features @ coefficients).astype(np.float32)


def _features(grey: NDArray[np.uint8], view: View) -> NDArray[np.float64]:
    """Return luma, its local mean and contrast and their squares, and position to the second order, each about 1."""
    luma = (grey.astype(np.float32) - 128) / 128
    mean = cv2.GaussianBlur(luma, (0, 0), _WINDOW)
    contrast = np.sqrt(np.maximum(cv2.GaussianBlur(luma * luma, (0, 0), _WINDOW) - mean * mean, 0)) * 4
    (height, width), half = grey.shape, view.side / 2
    y, x = np.indices((height, width), np.float64)
    y, x = (y - (height - 1) / 2) / half, (x - (width - 1) / 2) / half
    one = np.ones_like(x)
    columns = (one, luma, mean, contrast, luma * luma, mean * mean, x, y, x * luma, y * luma, x * x, x * y, y * y)
    return np.stack(columns, axis=2).astype(np.float64)


def _window(view: View, spacing: float) -> NDArray[np.bool_]:
    """Return the patch and the margin of the operator around it, bool of the view's size."""
    inside = [
        np.abs(np.arange(n, dtype=np.float64) - (n - 1) / 2) <= side / 2 + 1.5 * spacing
        for n, side in zip(view.image.shape, view.patch, strict=False)
    ]
    return inside[0][:, None] & inside[1]
