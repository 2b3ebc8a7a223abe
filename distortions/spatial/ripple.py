"""Ripple."""

from __future__ import annotations

import math

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.resample import grid, resample
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class Ripple(Distortion):
    """Displacement by a sine wave, as through the surface of water.

    The wave runs towards `angle` and displaces towards `swing`. The amplitude is in proportion to the wavelength,
    so that the picture never folds over itself: 2π · .15 is less than 1.
    """

    tags = frozenset({"displacement"})
    source = "ours, after a common filter of image editors"
    amount = Severity(mild=0.0015, severe=0.15, unit="wavelengths", scale="log")
    wavelength = Nuisance(0.15, 1.0, unit="patch")
    angle = Nuisance(0.0, 360.0, unit="degrees, of the wave")
    swing = Nuisance(0.0, 360.0, unit="degrees, of the displacement")
    phase = Nuisance(0.0, 360.0, unit="degrees, in the middle of the patch")

    def margin(self, side: int, params: Params) -> int:
        """Return the amplitude and the neighbour of the interpolation."""
        return math.ceil(params["amount"] * params["wavelength"] * side) + 1

    def apply(self, view: View, *, amount: float, wavelength: float, angle: float, swing: float, phase: float) -> Image:
        """Displace by at most `amount` wavelengths."""
        length = wavelength * view.side
        across, down = (2 * math.pi / length * part for part in _unit(angle))
        x, y = grid(view)
        # sin(a + b) of a column and a row, from single numbers: numpy's sine changes with the processor.
        columns = [across * value + math.radians(phase) for value in x.ravel().tolist()]
        rows = [down * value for value in y.ravel().tolist()]
        wave = np.array([math.sin(a) for a in columns]) * np.array([[math.cos(b)] for b in rows])
        wave += np.array([math.cos(a) for a in columns]) * np.array([[math.sin(b)] for b in rows])
        right, below = _unit(swing)
        dx, dy = amount * length * right, amount * length * below
        strain = (2 * math.pi * amount) ** 2 / 2  # mean square of the slope of the wave
        steps = 1 + strain * right * right, 1 + strain * below * below
        return resample(view.image, x + wave * dx, y + wave * dy, steps)


def _unit(degrees: float) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
