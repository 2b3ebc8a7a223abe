"""Rain."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.cover import cover
from bappsmith.distortions.functional.scatter import scatter_per_area
from bappsmith.distortions.functional.strokes import Strokes, strokes_mask
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register

_JITTER = 3.0
"""Degrees by which drops fall more or less steeply than their mean."""
_EDGE = 40
"""Level of the mask that the middle of the faintest streak exceeds: what is below is the edge of a streak."""


@register
class Rain(Distortion):
    """Streaks of rain: each drop is a short bright line along its fall, blurred and partly transparent.

    A drop refracts light of the whole surroundings, so a streak mixes light of the sky into the background. Most
    streaks are far away, thin and faint. A fifth of them are near: twice as long, wider and out of focus. Numbers are
    per area. If all streaks fall beside the image, the first one falls into it.
    """

    source = "Garg and Nayar 2007 (Vision and Rain), appearance of streaks; rendering and range ours"
    density = Severity(mild=0.3, severe=40.0, unit="streaks per 64 × 64 px", scale="log")
    opacity = Severity(mild=0.12, severe=0.8, unit="of the strongest streak")
    length = Nuisance(8.0, 24.0, unit="px, of streaks far away")
    angle = Nuisance(-35.0, 35.0, unit="degrees from the vertical")
    sky = Nuisance(0.6, 1.0, unit="of white, in linear light")
    drops_seed = SubSeed()

    def apply(
        self,
        image: Image,
        *,
        density: float,
        opacity: float,
        length: float,
        angle: float,
        sky: float,
        drops_seed: int,
    ) -> Image:
        """Draw streaks along `angle` and mix `sky` into the image where they are."""
        shape = image.shape[:2]
        places, marks = scatter_per_area(drops_seed, shape, density, 1.5 * length, 3)
        mask = _streaks(shape, places, marks, length, math.radians(angle))
        if len(places) and mask.max() < _EDGE:
            places[0] %= shape[1], shape[0]
            mask = _streaks(shape, places, marks, length, math.radians(angle))
        return cover(image, mask.astype(np.float32) * np.float32(opacity / 255), np.full(3, sky, np.float32))


def _streaks(
    shape: tuple[int, int], places: NDArray[np.float64], marks: NDArray[np.float64], length: float, angle: float
) -> NDArray[np.uint8]:
    """Return a mask of the streaks whose middles are at `places`, uint8 H×W."""
    reach = np.where(marks[:, 0] < 0.2, 2.0, 1.0) * length * (0.35 + 0.3 * marks[:, 1])
    slope = math.tan(angle) + (2 * marks[:, 2] - 1) * math.tan(math.radians(_JITTER))
    steep = 1 / np.sqrt(1 + slope * slope)
    half = np.stack([slope * steep, steep], axis=1) * reach[:, None]
    strokes, strength = np.stack([places - half, places + half], axis=1), 0.4 + 0.6 * marks[:, 1]
    near = marks[:, 0] < 0.2
    mask = cv2.max(
        strokes_mask(shape, [Strokes(strokes[~near], strength[~near], 1)], 0.5),
        strokes_mask(shape, [Strokes(strokes[near], strength[near], 2)], 1.0),
    )
    return np.asarray(mask, np.uint8)
