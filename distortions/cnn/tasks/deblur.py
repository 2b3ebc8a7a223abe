"""The task `deblur`: sharpen a blurred patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.restoring import restoring_spec
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Channels, Task
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.distortions.restoration.deblurring.blurring import Blurring, blur_view
from bappsmith.distortions.restoration.deblurring.deblurring import Deblurring
from bappsmith.distortions.view import View, trimmed

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.bank_operator import BankOperator


class Deblur(Task):
    """Correct a patch that was blurred by motion or defocus. Every network learns all kinds and extents."""

    name = "deblur"
    margin = 8
    steps = (150, 600)
    operators = ("deblur_network",)

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the operator `deblur_network`."""
        from bappsmith.distortions.restoration.deblurring.deblur_network import DeblurNetwork

        return (DeblurNetwork,)

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw a network that restores; see `restoring_spec`. It is deep enough to see the whole kernel."""
        return restoring_spec(self.name, seed, index, attempt, features=features, steps=steps, levels=(2, 3))

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Blur the patch with its surroundings, as `deblur_network` does."""
        side = crop.shape[0] - 2 * self.margin
        p = Deblurring().draw(draws.uniform(), draws)
        blurring = Blurring(p["kind"], p["extent"], p["angle"], p["noise"], p["sub_seed"])
        blurred = blur_view(View(crop, self.margin, (side, side)), blurring)
        return corrupt(blurred.centre, "none", 0.0, 0), trimmed(crop, self.margin)


TASK = Deblur()
