"""Spatter."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cover import cover
from bappsmith.distortions.functional.integer_gaussian import integer_gaussian
from bappsmith.distortions.parameters import Choice, Nuisance, Severity, SubSeed
from bappsmith.distortions.random import normal_field
from bappsmith.distortions.registry import register

_WATER = (0.62, 0.78, 0.82)
"""Light that drops of water reflect, linear."""
_MUD = (0.05, 0.022, 0.009)
_CLEAR, _OPAQUE = 0.55, 0.95
"""Opacity of water and of mud."""
_RELIEF = 0.7
"""Light that the slope of a drop of water adds or takes, at the most."""
_SCALE = 6000
"""16-bit steps of one standard deviation, before the blur."""
_EDGE = 1.2
"""Width of the soft edge, in standard deviations of the field times px of its blur: an edge of about 1.5 px."""


@register
class Spatter(Distortion):
    """Drops of water or mud on the lens: white noise is blurred, and the drops are where it is high.

    Mud is brown and opaque. Water is half transparent and pale, and its drops are lit from one side. `coverage` is the
    share of the area that is expected to be covered. If the field is nowhere high enough, there is one drop where it is
    highest.
    """

    source = "Hendrycks and Dietterich 2019 (ImageNet-C), spatter; rendering and range ours"
    coverage = Severity(mild=0.0005, severe=0.25, unit="of the area", scale="log")
    kind = Choice(("water", "mud"), unit="what is on the lens")
    size = Nuisance(1.2, 3.0, unit="px, standard deviation of the blur")
    lit_from = Nuisance(0.0, 360.0, unit="degrees, direction of the light on drops of water")
    drops_seed = SubSeed()

    def apply(
        self,
        image: Image,
        *,
        coverage: float,
        kind: str,
        size: float,
        lit_from: float,
        drops_seed: int,
    ) -> Image:
        """Cover `coverage` of the area with drops."""
        around = math.ceil(3 * size) + 2
        shape = (image.shape[0] + 2 * around, image.shape[1] + 2 * around)
        noise = np.rint(normal_field(drops_seed, shape) * np.float32(_SCALE) + np.float32(32768)).astype(np.uint16)
        field = integer_gaussian(noise, size).astype(np.float32) - np.float32(32768)
        # A Gaussian blur of σ leaves white noise 1/(2σ√π) of its standard deviation.
        field *= np.float32(2 * size * math.sqrt(math.pi) / _SCALE)
        inner = np.s_[around:-around, around:-around]
        threshold = min(NormalDist().inv_cdf(1 - coverage), float(field[inner].max()))
        opacity = np.clip((field[inner] - np.float32(threshold)) * np.float32(size / _EDGE) + np.float32(0.5), 0, 1)
        if kind == "mud":
            return cover(image, opacity * np.float32(_OPAQUE), np.array(_MUD, np.float32))
        relief = np.clip(_slope(field, around, math.radians(lit_from)) * np.float32(size), -_RELIEF, _RELIEF)
        colour = np.asarray(np.array(_WATER, np.float32) + relief[..., None], np.float32)
        return cover(image, opacity * np.float32(_CLEAR), colour)


def _slope(field: NDArray[np.float32], around: int, angle: float) -> NDArray[np.float32]:
    """Return how steeply the inner part of a field falls along an angle, in quarters per px."""
    rows, columns = field.shape
    inner = np.s_[around : rows - around]
    across = field[inner, around - 1 : columns - around - 1] - field[inner, around + 1 : columns - around + 1]
    wide = np.s_[around : columns - around]
    down = field[around - 1 : rows - around - 1, wide] - field[around + 1 : rows - around + 1, wide]
    slope = across * np.float32(math.cos(angle) / 8) + down * np.float32(math.sin(angle) / 8)
    return np.asarray(slope, np.float32)
