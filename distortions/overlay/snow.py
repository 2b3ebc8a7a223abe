"""Snow."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.scatter import scatter_per_area
from bappsmith.distortions.functional.strokes import Strokes, strokes_mask
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register

_LAYERS = ((0.75, 1, 0.6, 1.5), (0.2, 2, 0.8, 3.0), (0.05, 4, 1.6, 6.0))
"""Share of the flakes, their size, blur, and fall during the exposure, all three in px: from far away to near."""


@register
class Snow(Distortion):
    """Falling snow at several depths: flakes far away are small and many, near ones are large, blurred and few.

    Flakes are drawn out along their fall. A veil of light from flakes too small to see lies over the scene. Numbers and
    sizes are in px and per area.
    """

    source = (
        "Hendrycks and Dietterich 2019 (ImageNet-C), snow: flakes in motion and whitening; rendering and range ours"
    )
    light = "linear"
    density = Severity(mild=0.8, severe=100.0, unit="flakes per 64 × 64 px", scale="log")
    opacity = Severity(mild=0.15, severe=0.9, unit="of the strongest flake")
    veil = Severity(mild=0.001, severe=0.15, unit="of the way to white", scale="log")
    angle = Nuisance(-60.0, 60.0, unit="degrees from the vertical")
    flakes_seed = SubSeed()

    def apply(
        self, image: NDArray[np.float32], *, density: float, opacity: float, veil: float, angle: float, flakes_seed: int
    ) -> NDArray[np.float32]:
        """Draw flakes that fall along `angle`, and mix white in."""
        shape = image.shape[:2]
        mask = np.zeros(shape, np.uint8)
        fall = np.array([math.sin(math.radians(angle)), math.cos(math.radians(angle))])
        for number, (share, size, blur, distance) in enumerate(_LAYERS):
            reach = distance + 3 * blur + size
            places, marks = scatter_per_area((flakes_seed + number) % 2**53, shape, share * density, reach, 2)
            half = fall * (distance * (0.2 + 0.4 * marks[:, :1]))
            flakes = Strokes(np.stack([places - half, places + half], axis=1), 0.5 + 0.5 * marks[:, 1], size)
            mask = np.asarray(cv2.max(mask, strokes_mask(shape, [flakes], blur)), np.uint8)
        # The share of white where a flake lies over the veil.
        white = np.float32(veil) + mask.astype(np.float32) * np.float32(opacity * (1 - veil) / 255)
        return np.asarray(image + (1 - image) * white[..., None], np.float32)
