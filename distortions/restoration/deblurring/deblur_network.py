"""Deblurring: a network of a bank."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.cnn.correcting_operator import CorrectingOperator
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .blurring import Blurring, blur_view
from .deblurring import Deblurring


class DeblurNetwork(Deblurring, CorrectingOperator):
    """Blur, then correct with a network that was trained for this. The network is not told the kernel.

    Networks were trained with different losses: those with an adversarial loss invent detail.
    """

    source = "after Nah, Kim and Lee 2017 (deblurring without estimating a kernel)"
    libraries = ("scipy", "torch")
    task = "deblur"
    around = 16
    period = 8

    def apply(
        self, view: View, *, kind: str, extent: float, angle: float, noise: float, sub_seed: int, network: str
    ) -> Image:
        """Apply to one patch; see the class."""
        params: Params = {"kind": kind, "extent": extent, "angle": angle, "noise": noise, "sub_seed": sub_seed}
        return self.apply_batch([view], [params | {"network": network}])[0]

    def received(self, view: View, params: Params, start: tuple[int, int]) -> Image:
        """Return the blurred patch with its surroundings, so that the patch has this start."""
        kind, sub_seed = str(params["kind"]), int(params["sub_seed"])
        blurring = Blurring(kind, params["extent"], params["angle"], params["noise"], sub_seed)
        blurred = blur_view(view, blurring)
        top, left = (blurred.margin - first for first in start)
        height, width = (side + 2 * self.around + self.period - 1 for side in view.shape)
        return np.ascontiguousarray(blurred.image[top : top + height, left : left + width])
