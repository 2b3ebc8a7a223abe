"""Tone curve."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.tone import apply_curve, levels
from bappsmith.distortions.parameters import Choice, Nuisance, Severity
from bappsmith.distortions.registry import register


@register
class ToneCurve(Distortion):
    """An S-curve, as films and photo editors have: steeper middle tones, flatter shadows and highlights.

    The curve is the logistic function 1 / (1 + exp(steepness·(middle − level))), scaled to pass through black and
    white. "flatter" is its inverse: steeper shadows and highlights, flatter middle tones. Unlike `contrast`, it does
    not clip.
    """

    source = "ImageMagick, option -sigmoidal-contrast (steepness × middle); range ours"
    steepness = Severity(mild=1.6, severe=24.0, unit="of the logistic function, per white", scale="log")
    middle = Nuisance(0.35, 0.65, unit="of white")
    direction = Choice(("steeper", "flatter"), unit="the S-curve, or its inverse")

    def apply(self, image: Image, *, steepness: float, middle: float, direction: str) -> Image:
        """Map every level by the curve or its inverse."""
        black, white = (1 / (1 + math.exp(steepness * (middle - end))) for end in (0.0, 1.0))
        if direction == "steeper":
            curve: NDArray[np.float64] = (1 / (1 + np.exp(steepness * (middle - levels()))) - black) / (white - black)
        else:
            share = black + levels() * (white - black)
            curve = middle - np.log(1 / share - 1) / steepness
        return apply_curve(image, curve)
