"""Colour blocks."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.mix import mix
from bappsmith.distortions.functional.scatter import scatter_per_patch
from bappsmith.distortions.parameters import Choice, Severity, SubSeed
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class ColorBlock(Distortion):
    """Squares of plain random colours in front of the picture; at the mild end they are few and transparent.

    In KADID-10k (color block) 2 to 10 opaque squares of 32 px lie in 512×384 px: shares of .01 to .05.
    """

    source = "Lin, Hosu and Saupe 2019 (KADID-10k), color block; Ponomarenko et al. 2015 (TID2013), type 15; range ours"
    share = Severity(mild=0.01, severe=0.055, unit="of the area", scale="log")
    opacity = Severity(mild=0.08, severe=1.0, unit="fraction", scale="log")
    block = Choice((4, 6, 8), unit="side of a block in px")
    blocks_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return 0: only the place of the patch is needed."""
        return 0

    def apply(self, view: View, *, share: float, opacity: float, block: int, blocks_seed: int) -> Image:
        """Cover with at least one block, and with as many as have `share` of the area of the patch in all."""
        count = max(1, round(share * view.patch[0] * view.patch[1] / block**2))
        marks = scatter_per_patch(view.shape, view.patch, blocks_seed, count, block, numbers=3)
        places = np.floor(marks[:, :2]).astype(np.intp)
        colours = np.rint((marks[:, 2:] + 1) * 127.5).astype(np.uint8)
        covered = view.image.copy()
        for (top, left), colour in zip(places.tolist(), colours, strict=True):
            covered[max(top, 0) : top + block, max(left, 0) : left + block] = colour
        return mix(view.image, covered, opacity)
