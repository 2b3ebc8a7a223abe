"""Lost packets of JPEG 2000."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.jpeg2000_packets import SQUARE, packets_lost
from bappsmith.distortions.functional.pillow_codec import pillow_lacks
from bappsmith.distortions.parameters import Nuisance, Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_GUARD = 8
"""Px that are coded around the patch: the transform mirrors at the border of the image."""


@register
class Jpeg2000Loss(Distortion):
    """Some packets of a JPEG 2000 file are lost in transmission, and the decoder goes on without them.

    A packet holds the wavelet coefficients of luma or of one channel of chroma, in a square of 32 px and at one of four
    resolutions. Without the coarsest, the square is grey or has another colour. Without a finer one, it is blurred or
    rings. So one draw can be far worse than another of the same severity. The grid of squares is drawn. It is not
    portable, like `jpeg2000`.
    """

    portable = False
    source = "Ponomarenko et al. 2015 (TID2013), type 13, JPEG2000 transmission errors; form and range ours"
    density = Severity(mild=0.01, severe=0.35, unit="of all packets", scale="log")
    row_phase = Nuisance(0, SQUARE - 1, unit="px", whole=True)
    column_phase = Nuisance(0, SQUARE - 1, unit="px", whole=True)
    seed = SubSeed()

    def unavailable(self) -> str | None:
        """Say so if Pillow was built without OpenJPEG."""
        return pillow_lacks("jpg_2000", "JPEG 2000")

    def margin(self, side: int, params: Params) -> int:
        """Return what a square on the border can lack, and the guard."""
        return SQUARE - 1 + _GUARD

    def apply(self, view: View, *, density: float, row_phase: int, column_phase: int, seed: int) -> Image:
        """Lose packets; the guarded patch starts `row_phase` and `column_phase` px after a square."""

        def lost(count: int) -> list[int]:
            order = np.argsort(uniform_field(seed, (count,)), kind="stable")
            return order[: max(1, round(density * count))].tolist()

        phase = row_phase, column_phase
        return on_grid(view, SQUARE, phase, lambda whole: packets_lost(whole, lost), guard=_GUARD)
