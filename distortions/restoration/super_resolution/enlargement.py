"""The base class of super-resolution without parameters of its own."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View

from .reduction import Reduction, reduce_view
from .super_resolution import SuperResolution


class Enlargement(SuperResolution):
    """Super-resolution that depends on the reduced image and the factor alone. A subclass defines `enlarge`."""

    def apply(
        self, view: View, *, factor: int, blur: float, noise: float, phase_y: int, phase_x: int, sub_seed: int
    ) -> Image:
        """Reduce the patch with its surroundings, enlarge it, and cut out the patch."""
        small = reduce_view(view, Reduction(factor, blur, noise, (phase_y, phase_x), sub_seed))
        return np.ascontiguousarray(small.cut(self.enlarge(small.image, factor)))

    def enlarge(self, image: Image, factor: int) -> Image:
        """Return an image enlarged by a factor.

        Args:
            image: uint8 h×w×3 RGB.
            factor: 2, 3 or 4.

        Returns:
            uint8 H×W×3 RGB.
        """
        raise NotImplementedError
