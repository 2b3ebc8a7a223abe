"""Periodic noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register


def _wave(length: int, frequency: float, phase: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosine and sine along an axis, from its centre, each float64 of shape (length,)."""
    turns = (np.arange(length) - (length - 1) / 2) * (2 * math.pi * frequency) + phase
    return np.cos(turns), np.sin(turns)


@register
class PeriodicNoise(Distortion):
    """A sine wave over the picture, as hum and electric interference leave it: stripes of any direction and width."""

    source = "Gonzalez and Woods (Digital Image Processing), periodic noise; range ours"
    amplitude = Severity(mild=1.2, severe=60.0, unit="levels of 255", scale="log")
    frequency = Nuisance(0.03, 0.4, unit="cycles per px")
    direction = Nuisance(0.0, 180.0, unit="degrees, of the wave")
    phase = Nuisance(0.0, 360.0, unit="degrees, at the centre")

    def apply(self, image: Image, *, amplitude: float, frequency: float, direction: float, phase: float) -> Image:
        """Add `amplitude` times the sine to all channels, then round and clip to [0, 255]."""
        height, width = image.shape[:2]
        angle = math.radians(direction)
        cosine, sine = _wave(width, frequency * math.cos(angle), math.radians(phase))
        down_cosine, down_sine = _wave(height, frequency * math.sin(angle), 0.0)
        # sin(a + b) = sin a · cos b + cos a · sin b: one sine per row and column in place of one per pixel. In float64,
        # rounded to float32, sines of every processor's library are the same but for ties.
        field = sine * (amplitude * down_cosine)[:, None]
        field += cosine * (amplitude * down_sine)[:, None]
        return add_field(image, field.astype(np.float32))
