"""Super-resolution: a network of a bank."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.grouping import in_groups
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .interpolation import interpolated
from .reduction import Reduction, reduce_view
from .super_resolution import SuperResolution

AROUND = 10
"""Px around the patch that a network receives, at most: less than the margin at every factor."""


class SuperresNetwork(SuperResolution, BankOperator):
    """Reduce, enlarge with a cubic kernel, then correct with a network that was trained for this.

    Networks were trained with different losses: those with an adversarial loss invent detail.
    """

    source = "after Kim, Lee and Lee 2016 (VDSR: a correction of the interpolated image) and Ledig et al. 2017 (SRGAN)"
    task = "superres"

    def apply(
        self,
        view: View,
        *,
        factor: int,
        blur: float,
        noise: float,
        phase_y: int,
        phase_x: int,
        sub_seed: int,
        network: str,
    ) -> Image:
        """Apply to one patch; see the class."""
        params: Params = {"factor": factor, "blur": blur, "noise": noise, "phase_y": phase_y, "phase_x": phase_x}
        return self.apply_batch([view], [params | {"sub_seed": sub_seed, "network": network}])[0]

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            network = load_network(self.networks[str(params[members[0]]["network"])])
            received = [corrupt(_interpolated(images[i], params[i]), "none", 0.0, 0) for i in members]
            outputs = reconstruct(network, received)
            inner = [output[AROUND:-AROUND, AROUND:-AROUND] for output in outputs]
            return [np.rint((output + np.float32(1)) * np.float32(127.5)).astype(np.uint8) for output in inner]

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)


def _interpolated(view: View, params: Params) -> Image:
    """Return the reduced and enlarged patch with `AROUND` px on each side."""
    phase = int(params["phase_y"]), int(params["phase_x"])
    factor = int(params["factor"])
    reduction = Reduction(factor, params["blur"], params["noise"], phase, int(params["sub_seed"]))
    small = reduce_view(view, reduction)
    return small.cut(interpolated(small.image, factor, cv2.INTER_CUBIC), AROUND)
