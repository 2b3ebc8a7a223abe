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
from bappsmith.distortions.view import View, with_margin
from bappsmith.manifests.schema.call import Params

from .blurring import Blurring, blur_view
from .deblurring import Deblurring

AROUND = 16
"""Px around the patch that a network receives: less than the margin."""


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
            received = [corrupt(_blurred(images[i], params[i]), "none", 0.0, 0) for i in members]
            inner = [output[AROUND:-AROUND, AROUND:-AROUND] for output in reconstruct(network, received)]
            return [np.rint((output + np.float32(1)) * np.float32(127.5)).astype(np.uint8) for output in inner]

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)


def _blurred(view: View, params: Params) -> Image:
    """Return the blurred patch with `AROUND` px on each side."""
    kind, sub_seed = str(params["kind"]), int(params["sub_seed"])
    blurring = Blurring(kind, params["extent"], params["angle"], params["noise"], sub_seed)
    return with_margin(blur_view(view, blurring), AROUND).image
