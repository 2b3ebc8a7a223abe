"""The task `superres`: enlarge a reduced patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.restoring import restoring_spec
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Channels, Task
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.distortions.restoration.super_resolution.interpolation import interpolated
from bappsmith.distortions.restoration.super_resolution.reduction import Reduction, reduce_view
from bappsmith.distortions.restoration.super_resolution.super_resolution import SuperResolution
from bappsmith.distortions.view import View, trimmed

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.bank_operator import BankOperator


class Superres(Task):
    """Correct what a cubic kernel made of a reduced patch. Every network learns all factors, blurs and noises."""

    name = "superres"
    margin = 30
    steps = (150, 600)
    operators = ("superres_network",)

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the operator `superres_network`."""
        from bappsmith.distortions.restoration.super_resolution.superres_network import SuperresNetwork

        return (SuperresNetwork,)

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw a network that restores; see `restoring_spec`."""
        return restoring_spec(self.name, seed, index, attempt, features=features, steps=steps)

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Reduce the patch with its surroundings, as `superres_network` does, and enlarge it."""
        side = crop.shape[0] - 2 * self.margin
        view = View(crop, self.margin, (side, side))
        p = SuperResolution().draw(draws.uniform(), draws)
        reduction = Reduction(p["factor"], p["blur"], p["noise"], (p["phase_y"], p["phase_x"]), p["sub_seed"])
        small = reduce_view(view, reduction)
        enlarged = small.cut(interpolated(small.image, p["factor"], cv2.INTER_CUBIC))
        return corrupt(enlarged, "none", 0.0, 0), trimmed(crop, self.margin)


TASK = Superres()
