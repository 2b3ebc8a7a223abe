"""Super-resolution: a network of a bank."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.cnn.correcting_operator import CorrectingOperator
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .interpolation import interpolated
from .reduction import Reduction, reduce_view
from .super_resolution import SuperResolution


class SuperresNetwork(SuperResolution, CorrectingOperator):
    """Reduce, enlarge with a cubic kernel, then correct with a network that was trained for this.

    Networks were trained with different losses: those with an adversarial loss invent detail.
    """

    source = "after Kim, Lee and Lee 2016 (VDSR: a correction of the interpolated image) and Ledig et al. 2017 (SRGAN)"
    task = "superres"
    around = 8
    period = 4

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

    def received(self, view: View, params: Params, start: tuple[int, int]) -> Image:
        """Return the reduced and enlarged patch with its surroundings, so that the patch has this start."""
        phase = int(params["phase_y"]), int(params["phase_x"])
        factor = int(params["factor"])
        reduction = Reduction(factor, params["blur"], params["noise"], phase, int(params["sub_seed"]))
        small = reduce_view(view, reduction)
        enlarged = interpolated(small.image, factor, cv2.INTER_CUBIC)
        top, left = small.top - start[0], small.left - start[1]
        height, width = (side + 2 * self.around + self.period - 1 for side in view.shape)
        return np.ascontiguousarray(enlarged[top : top + height, left : left + width])
