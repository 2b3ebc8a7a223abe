"""Film grain."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.correlated_field import correlated_field
from bappsmith.distortions.parameters import Choice, Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register

_LUMA = np.arange(256) / 255
_STRENGTH = (0.2 + 3.2 * _LUMA * (1 - _LUMA)).astype(np.float32)
"""Strength of the grain by luma: 1 in the middle, .2 in black and white, a parabola between."""


@register
class FilmGrain(Distortion):
    """Grain of film: specks of a drawn size, strong in the mid-tones and weak in black and white.

    The model is that of film grain in video codecs, where correlated Gaussian noise is scaled by a function of luma:
    here the noise is filtered by a Gaussian, and the function is a parabola. Silver grain is grey. Colour film has
    a layer for each channel, with grain of its own.
    """

    source = "Norkin and Birkbeck 2018 (Film Grain Synthesis for AV1 Video Codec), model; form and range ours"
    sigma = Severity(mild=1.5, severe=46.0, unit="levels of 255 in the mid-tones", scale="log")
    size = Nuisance(0.4, 1.6, unit="px, standard deviation of the grain's shape")
    film = Choice(("silver", "colour"), unit="grain is grey or independent per channel")
    noise_seed = SubSeed()

    def apply(self, image: Image, *, sigma: float, size: float, film: str, noise_seed: int) -> Image:
        """Add grain whose standard deviation is `sigma` at middle grey."""
        field = correlated_field(noise_seed, (*image.shape[:2], 1 if film == "silver" else 3), size)
        luma = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        strength = (_STRENGTH * np.float32(sigma)).take(luma)
        field *= strength[:, :, None]
        return add_field(image, field[..., 0] if film == "silver" else field)
