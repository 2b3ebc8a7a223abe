"""Demosaicing."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.add_field import add_field
from bappsmith.distortions.functional.bayer import ALGORITHMS, PATTERNS, REACH, demosaic, mosaic
from bappsmith.distortions.parameters import Choice, Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class Demosaicing(Distortion):
    """One colour per pixel, with noise, and the missing two interpolated: false colours, zippers and coloured blotches.

    Severity is the noise of the sensor. Interpolation alone, which the mild end is close to, only harms fine detail. It
    spreads each noisy value over its neighbours, so that the same noise is coarser and more colourful than elsewhere.
    All is done on sRGB levels; sensor_pipeline works in linear light. A patch is a crop, so that the pattern of colours
    starts at any of its four pixels.
    """

    source = "Bayer 1976 (US patent 3971065); OpenCV's demosaicing (VNG: Chang, Cheung and Pang 1999). Range ours"
    sigma = Severity(mild=0.5, severe=50.0, unit="levels of 255, of each value of the sensor", scale="log")
    algorithm = Choice(ALGORITHMS, unit="interpolation")
    pattern = Choice(PATTERNS, unit="colours of the first 2×2 pixels")
    noise_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the reach of the interpolation."""
        return REACH

    def apply(self, view: View, *, sigma: float, algorithm: str, pattern: str, noise_seed: int) -> Image:
        """Keep one channel per pixel, add noise of standard deviation `sigma`, and interpolate."""
        raw = mosaic(view.image, pattern)
        field = normal_field(noise_seed, raw.shape)
        field *= np.float32(sigma)
        return trimmed(demosaic(add_field(raw, field), pattern, algorithm), view.margin)
