"""The base class of algorithms that enlarge a reduced patch."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice, Levels, Nuisance, SubSeed
from bappsmith.manifests.schema.call import Params

_RADIUS = 6
"""Reduced px around the patch that algorithms use."""


class SuperResolution(Distortion):
    """Reduce a patch, and enlarge it again.

    Severity decides the factor: 2, 3 or 4, as in BAPPS. Blur, noise and the phase of the grid are drawn freely. The
    parameters of all algorithms are declared alike, so pairing `same-degradation` gives two of them the same reduced
    patch. How much is lost depends on the algorithm: equal severities do not mean equal disturbance.
    """

    calibrated = False
    degradation = ("factor", "blur", "noise", "phase_y", "phase_x", "sub_seed")
    factor = Levels((2, 3, 4), unit="px per px")
    blur = Nuisance(0.0, 0.5, unit="px of the reduced image (standard deviation)")
    noise = Choice((0.25, 0.25, 1.0, 2.5), unit="levels of the reduced image (standard deviation)")
    phase_y = Nuisance(0, 11, unit="px, modulo the factor", whole=True)
    phase_x = Nuisance(0, 11, unit="px, modulo the factor", whole=True)
    sub_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations of the blur, and what algorithms use around the patch. All return the same.

        So two algorithms get the same pixels, and the same noise.
        """
        return math.ceil((3 * params["blur"] + _RADIUS) * params["factor"])
