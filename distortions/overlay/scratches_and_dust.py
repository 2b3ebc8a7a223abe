"""Scratches and dust."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.scatter import scatter_per_area
from bappsmith.distortions.functional.strokes import Strokes, strokes_mask
from bappsmith.distortions.parameters import Choice, Nuisance, Severity, SubSeed
from bappsmith.distortions.registry import register

_DUST, _HAIR, _SCRATCH = 0.7, 0.15, 0.15
"""Shares of the three kinds."""
_LEVELS = {"negative": 235, "positive": 20}
"""Of dust on each film."""
_POINTS = 9
"""Points of a curve."""


@register
class ScratchesAndDust(Distortion):
    """Thin scratches along a scanned film, curled hairs and specks of dust.

    Dust and scratches are light on a negative and dark on a positive. Numbers are per area, and the borders cut them.
    """

    source = "ours, after the damage of scanned film"
    density = Severity(mild=1.5, severe=60.0, unit="specks, hairs and scratches per 64 × 64 px", scale="log")
    opacity = Severity(mild=0.25, severe=1.0, unit="of the strongest")
    film = Choice(("negative", "positive"), unit="light specks, or dark ones")
    angle = Nuisance(0.0, 180.0, unit="degrees, direction of the film")
    specks_seed = SubSeed()

    def apply(
        self, image: Image, *, density: float, opacity: float, film: str, angle: float, specks_seed: int
    ) -> Image:
        """Mix white or black in where something lies on the film."""
        shape = image.shape[:2]
        groups = [
            _scratches(shape, specks_seed, density * _SCRATCH, math.radians(angle)),
            _hairs(shape, (specks_seed + 1) % 2**53, density * _HAIR),
            *_dust(shape, (specks_seed + 2) % 2**53, density * _DUST),
        ]
        opacities = strokes_mask(shape, groups, 0.5)
        places = np.flatnonzero(opacities)
        result = np.array(image, order="C")
        pixels = result.reshape(-1, 3)
        share = opacities.reshape(-1)[places, None] * np.float32(opacity / 255)
        covered = pixels[places]
        pixels[places] = np.rint(covered + (np.float32(_LEVELS[film]) - covered) * share).astype(np.uint8)
        return result


def _scratches(shape: tuple[int, int], seed: int, density: float, angle: float) -> Strokes:
    """Return long lines along the film, slightly bent."""
    places, marks = scatter_per_area(seed, shape, density, 40.0, 4)
    turn = angle + 0.16 * (marks[:, 0] - 0.5)
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None]
    across = np.stack([-np.sin(turn), np.cos(turn)], axis=1)[:, None]
    steps = np.linspace(-1, 1, _POINTS)[:, None]
    half = (5 + 35 * marks[:, 1] * marks[:, 1])[:, None, None]
    bend = (0.1 * (2 * marks[:, 2] - 1))[:, None, None]
    points = places[:, None] + half * (steps * along + bend * (steps * steps) * across)
    return Strokes(points, 0.3 + 0.6 * marks[:, 3], 1)


def _hairs(shape: tuple[int, int], seed: int, density: float) -> Strokes:
    """Return curves that turn on and on."""
    places, marks = scatter_per_area(seed, shape, density, 16.0, 4)
    step = (1 + 2.5 * marks[:, 1])[:, None]
    curl = (0.45 * (2 * marks[:, 2] - 1))[:, None]
    number = np.arange(_POINTS)
    turn = 2 * math.pi * marks[:, :1] + curl * number
    moves = np.stack([step * np.cos(turn), step * np.sin(turn)], axis=2)
    return Strokes(places[:, None] + np.cumsum(moves, axis=1) - moves[:, :1], 0.5 + 0.5 * marks[:, 3], 1)


def _dust(shape: tuple[int, int], seed: int, density: float) -> list[Strokes]:
    """Return specks: short thick strokes, most of them small."""
    places, marks = scatter_per_area(seed, shape, density, 4.0, 4)
    turn = 2 * math.pi * marks[:, 0]
    half: NDArray[np.float64] = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (0.9 * marks[:, 1:2])
    strokes = np.stack([places - half, places + half], axis=1)
    groups: list[Strokes] = []
    for thickness, low, high in ((1, 0.0, 0.6), (2, 0.6, 0.88), (3, 0.88, 1.0)):
        chosen = (marks[:, 2] >= low) & (marks[:, 2] < high)
        groups.append(Strokes(strokes[chosen], 0.4 + 0.6 * marks[chosen, 3], thickness))
    return groups
