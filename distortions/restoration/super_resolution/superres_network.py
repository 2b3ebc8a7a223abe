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

AROUND = 8
"""Px around the patch that a network receives, at least."""
PERIOD = 4
"""Largest period in px of the grid that upsampling leaves. The patch starts at a drawn position of it."""


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
            starts = [_start(params[i]) for i in members]
            enlarged = [_interpolated(images[i], params[i], start) for i, start in zip(members, starts, strict=True)]
            outputs = reconstruct(network, [corrupt(image, "none", 0.0, 0) for image in enlarged])
            height, width = images[members[0]].shape
            inner = [o[y : y + height, x : x + width] for o, (y, x) in zip(outputs, starts, strict=True)]
            return [np.rint((output + np.float32(1)) * np.float32(127.5)).astype(np.uint8) for output in inner]

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)


def _start(params: Params) -> tuple[int, int]:
    """Return row and column of the patch in what the network receives."""
    drawn = int(params["sub_seed"])
    return AROUND + drawn % PERIOD, AROUND + drawn // PERIOD % PERIOD


def _interpolated(view: View, params: Params, start: tuple[int, int]) -> Image:
    """Return the reduced and enlarged patch with its surroundings, so that the patch has this start."""
    phase = int(params["phase_y"]), int(params["phase_x"])
    factor = int(params["factor"])
    reduction = Reduction(factor, params["blur"], params["noise"], phase, int(params["sub_seed"]))
    small = reduce_view(view, reduction)
    enlarged = interpolated(small.image, factor, cv2.INTER_CUBIC)
    top, left = small.top - start[0], small.left - start[1]
    height, width = (side + 2 * AROUND + PERIOD - 1 for side in view.shape)
    return np.ascontiguousarray(enlarged[top : top + height, left : left + width])
