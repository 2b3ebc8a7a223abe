"""Operators for the inside of a pipeline."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.manifests.schema.call import Params


class Step(Distortion):
    """An operator for the inside of a pipeline: its result may have another size or colour space. Do not register it.

    A subclass defines

    ``apply(self, image, shape, *, <one keyword per parameter>)``: uint8 h×w×3 in, uint8 of any height and width and
    three channels out. ``shape`` is (H, W) of the pipeline's input and result, in px.
    """

    def scale(self, params: Params) -> float:
        """Return how many px of this step's input one px of its result covers: 2 for a step that halves the size."""
        return 1.0
