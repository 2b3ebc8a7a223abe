"""Vignette."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.resample import grid
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


@register
class Vignette(Distortion):
    """Light that falls off from the middle of the photograph, as behind a lens: by the fourth power of a cosine.

    Linear light is multiplied by cos⁴θ = 1 / (1 + (r/f)²)², where r is the distance from the middle. A patch is a crop
    of a photograph, so the middle is drawn; it lies in the patch, because elsewhere the light falls to one side, as in
    `illumination_gradient`.
    """

    source = "Kingslake 1992 (Optics in Photography), cos⁴ law of illumination; strength and centre ours"
    light = "linear"
    stops = Severity(mild=0.15, severe=6.0, unit="stops at a patch's side from the middle", scale="log")
    centre_x = Nuisance(-0.5, 0.5, unit="patch, from the centre of the patch")
    centre_y = Nuisance(-0.5, 0.5, unit="patch, from the centre of the patch")

    def margin(self, side: int, params: Params) -> int:
        """Return 0: the view is for the size of the patch."""
        return 0

    def apply(self, view: View, *, stops: float, centre_x: float, centre_y: float) -> NDArray[np.float32]:
        """Darken by `stops` at one side of the patch from the middle."""
        x, y = grid(view)
        # 1 / (1 + (side/f)²)² is 2^−stops.
        inverse_f = math.sqrt(2 ** (stops / 2) - 1) / view.side
        x, y = ((axis - centre * view.side) * inverse_f for axis, centre in ((x, centre_x), (y, centre_y)))
        cosine_squared = 1 / ((1 + x * x).astype(np.float32) + (y * y).astype(np.float32))
        gain = cosine_squared * cosine_squared
        return np.asarray(trimmed(view.image, view.margin) * gain[..., None], np.float32)
