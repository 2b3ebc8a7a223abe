"""Lost blocks."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Choice, Nuisance, Severity, SubSeed
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.schema.call import Params

_SHIFT = 110
"""Largest error of the mean of a block, levels of 255."""


@register
class BlockLoss(Distortion):
    """Some blocks of a compressed image are lost in transmission, and the decoder conceals them.

    It shows the block to the left again, or plain grey, or it has lost track of the block's mean: then each channel is
    off by a constant. The number of lost blocks is proportional to the area, and at least one, so that even the mild
    end can be seen. The grid is drawn.
    """

    source = "Ponomarenko et al. 2015 (TID2013), type 12, JPEG transmission errors; form and range ours"
    density = Severity(mild=0.01, severe=0.45, unit="of the area", scale="log")
    block = Choice((8, 16), unit="side of a block in px")
    concealment = Choice(("neighbour", "grey", "mean"), unit="block to the left, grey, or a wrong mean")
    row_phase = Nuisance(0, 15, unit="px, modulo the block", whole=True)
    column_phase = Nuisance(0, 15, unit="px, modulo the block", whole=True)
    seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack, and the block to the left."""
        return 2 * params["block"] - 1

    def apply(
        self,
        view: View,
        *,
        density: float,
        block: int,
        concealment: str,
        row_phase: int,
        column_phase: int,
        seed: int,
    ) -> Image:
        """Lose blocks; the patch starts `row_phase` and `column_phase` px after the first block."""
        height, width = view.shape
        top, left = row_phase % block, column_phase % block
        rows, columns = -(-(top + height) // block), -(-(left + width) // block)
        lost = max(1, round(density * height * width / block**2))
        order = np.argsort(uniform_field(seed, (rows * columns,)), kind="stable")[:lost]
        errors = np.rint(uniform_field(seed ^ 1, (rows * columns, 3)) * _SHIFT).astype(np.int16)
        result = view.image.copy()
        for index in order.tolist():
            y = view.margin - top + block * (index // columns)
            x = view.margin - left + block * (index % columns)
            if concealment == "neighbour":
                concealed = view.image[y : y + block, x - block : x]
            elif concealment == "grey":
                concealed = np.uint8(128)
            else:
                concealed = np.clip(view.image[y : y + block, x : x + block] + errors[index], 0, 255)
            result[y : y + block, x : x + block] = concealed
        return trimmed(result, view.margin).copy()
