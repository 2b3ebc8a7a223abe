"""Block shift."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.scatter import scatter_per_patch
from bappsmith.distortions.parameters import Choice, Severity, SubSeed
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params


@register
class BlockShift(Distortion):
    """Small blocks of the picture are replaced by others from near by, as by errors of transmission.

    Blocks and the way to what replaces them are drawn. In KADID-10k (non-eccentricity patch) blocks of 16 px are
    replaced from up to 8 px away along either axis, 20 to 100 in 512×384 px: shares of .026 to .13.
    """

    source = (
        "Lin, Hosu and Saupe 2019 (KADID-10k), non-eccentricity patch; Ponomarenko et al. 2015 (TID2013), "
        "type 14; range ours"
    )
    share = Severity(mild=0.012, severe=0.7, unit="of the area", scale="log")
    distance = Severity(mild=1, severe=8, unit="px along an axis, at most", scale="log", whole=True)
    block = Choice((4, 8, 12, 16), unit="side of a block in px")
    blocks_seed = SubSeed()

    def margin(self, side: int, params: Params) -> int:
        """Return the distance."""
        return params["distance"]

    def apply(self, view: View, *, share: float, distance: int, block: int, blocks_seed: int) -> Image:
        """Replace at least one block, and as many as have `share` of the area of the patch in all."""
        count = max(1, round(share * view.patch[0] * view.patch[1] / block**2))
        marks = scatter_per_patch(view.shape, view.patch, blocks_seed, count, block, numbers=2)
        places = np.floor(marks[:, :2]).astype(np.intp)
        # At least one pixel along either axis: no block stays as it is.
        moves = np.copysign(np.ceil(np.abs(marks[:, 2:]) * distance), marks[:, 2:]).astype(np.intp)
        result = view.centre.copy()
        for (top, left), (dy, dx) in zip(places.tolist(), moves.tolist(), strict=True):
            part = result[max(top, 0) : top + block, max(left, 0) : left + block]
            y, x = max(top, 0) + dy + view.margin, max(left, 0) + dx + view.margin
            part[...] = view.image[y : y + part.shape[0], x : x + part.shape[1]]
        return result
