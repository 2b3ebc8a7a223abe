"""The base class of colorizations that start from hints."""

from __future__ import annotations

import math

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.colour_hints import Chroma, Hints, decolour, hint_positions, recolour
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Severity, SubSeed
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params


class HintedColorization(Distortion):
    """An operator that removes the colour, but for single pixels, and colours the image again from these hints.

    The luma is kept. All such operators can be given the same degraded image: the same hints. A subclass defines
    `chroma`. Hints are anywhere, one for each square of `spacing` px in the mean: severe means few of them.
    How much is lost depends on the algorithm: equal severities mean equally few hints, not equal disturbance.
    """

    calibrated = False
    degradation = ("spacing", "hints_seed")
    spacing = Severity(mild=2.5, severe=24.0, unit="px between hints of the true colour", scale="log")
    hints_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return one and a half times the distance between hints: nearly every pixel has a hint within that."""
        return math.ceil(1.5 * params["spacing"])

    def apply(self, view: View, *, spacing: float, hints_seed: int) -> Image:
        """Remove the colour except that of one pixel in about `spacing` × `spacing` px, and estimate it."""
        hints = decolour(view.image, hint_positions(view, spacing, hints_seed))
        estimate = self.chroma(hints, view, spacing)
        return trimmed(recolour(hints.grey, estimate), view.margin)

    def chroma(self, hints: Hints, view: View, spacing: float) -> Chroma:
        """Estimate the chroma of every pixel.

        Args:
            hints: of the whole view.
            view: the patch with its surroundings, for its geometry.
            spacing: px between hints.

        Returns:
            float32 H×W×2 of the whole view, see `Hints`.
        """
        raise NotImplementedError
