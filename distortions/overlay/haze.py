"""Haze."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.row_chunks import row_chunks
from bappsmith.distortions.functional.value_noise import value_noise
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register

_CELLS = (96.0, 48.0, 24.0, 12.0)
"""Sizes of the clouds, px."""


@register
class Haze(Distortion):
    """Haze or fog: light of the scene is absorbed, and light of the air is added.

    Linear light J becomes J·t + A·(1 − t), where A is the airlight and t = exp(−depth) the transmission (Koschmieder).
    The optical depth varies like a plasma fractal, by `patchiness` either way, as in ImageNet-C's fog.
    """

    source = (
        "Narasimhan and Nayar 2002, atmospheric scattering; Hendrycks and Dietterich 2019 (ImageNet-C), fog: "
        "plasma fractal; range ours"
    )
    light = "linear"
    depth = Severity(mild=0.004, severe=0.8, unit="optical depth", scale="log")
    patchiness = Nuisance(0.0, 0.7, unit="of the depth")
    airlight = Nuisance(0.5, 1.0, unit="of white, in linear light")
    blueness = Nuisance(0.0, 0.15, unit="of the airlight: less red, half of it less green")
    clouds_seed = SubSeed()

    def apply(
        self,
        image: NDArray[np.float32],
        *,
        depth: float,
        patchiness: float,
        airlight: float,
        blueness: float,
        clouds_seed: int,
    ) -> NDArray[np.float32]:
        """Mix with the airlight at an optical depth of `depth` in the mean."""
        clouds = value_noise(clouds_seed, image.shape[:2], _CELLS)
        air = np.array([airlight * (1 - blueness), airlight * (1 - blueness / 2), airlight], np.float32)
        result = np.empty_like(image)
        for rows in row_chunks(image.shape):
            # Exponentials in float64, rounded to float32: the same on every processor but for ties.
            transmission = np.exp(-depth * (1 + patchiness * clouds[rows].astype(np.float64))).astype(np.float32)
            result[rows] = air + (image[rows] - air) * transmission[..., None]
        return result
