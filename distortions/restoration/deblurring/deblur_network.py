"""Deblurring: a network of a bank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.grouping import in_groups
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .blurring import Blurring, blur_view
from .deblurring import Deblurring

AROUND = 16
"""Px around the patch that a network receives, at least."""
PERIOD = 8
"""Largest period in px of the grid that upsampling leaves. The patch starts at a drawn position of it."""


class DeblurNetwork(Deblurring, BankOperator):
    """Blur, then correct with a network that was trained for this. The network is not told the kernel.

    Networks were trained with different losses: those with an adversarial loss invent detail.
    """

    source = "after Nah, Kim and Lee 2017 (deblurring without estimating a kernel)"
    libraries = ("scipy", "torch")
    task = "deblur"

    def apply(
        self, view: View, *, kind: str, extent: float, angle: float, noise: float, sub_seed: int, network: str
    ) -> Image:
        """Apply to one patch; see the class."""
        params: Params = {"kind": kind, "extent": extent, "angle": angle, "noise": noise, "sub_seed": sub_seed}
        return self.apply_batch([view], [params | {"network": network}])[0]

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            network = load_network(self.networks[str(params[members[0]]["network"])])
            starts = [_start(params[i]) for i in members]
            blurred = [_blurred(images[i], params[i], start) for i, start in zip(members, starts, strict=True)]
            outputs = reconstruct(network, [corrupt(image, "none", 0.0, 0) for image in blurred])
            height, width = images[members[0]].shape
            inner = [o[y : y + height, x : x + width] for o, (y, x) in zip(outputs, starts, strict=True)]
            return [np.rint((output + np.float32(1)) * np.float32(127.5)).astype(np.uint8) for output in inner]

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)


def _start(params: Params) -> tuple[int, int]:
    """Return row and column of the patch in what the network receives."""
    drawn = int(params["sub_seed"])
    return AROUND + drawn % PERIOD, AROUND + drawn // PERIOD % PERIOD


def _blurred(view: View, params: Params, start: tuple[int, int]) -> Image:
    """Return the blurred patch with its surroundings, so that the patch has this start."""
    kind, sub_seed = str(params["kind"]), int(params["sub_seed"])
    blurring = Blurring(kind, params["extent"], params["angle"], params["noise"], sub_seed)
    blurred = blur_view(view, blurring)
    top, left = (blurred.margin - first for first in start)
    height, width = (side + 2 * AROUND + PERIOD - 1 for side in view.shape)
    return np.ascontiguousarray(blurred.image[top : top + height, left : left + width])
