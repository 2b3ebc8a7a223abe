"""The base class of operators whose network corrects a simple restoration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .bank_operator import BankOperator
from .corrupt import corrupt
from .grouping import in_groups
from .levels import to_levels
from .reconstruct import reconstruct
from .weights import load_network


class CorrectingOperator(BankOperator):
    """An operator that degrades a patch, restores it simply, and has a network correct the result.

    A subclass defines `received`, and a parameter `sub_seed` of the degradation.

    Attributes:
        around: px around the patch that a network receives, at least.
        period: largest period in px of the grid that the network's upsampling leaves. The patch starts at a drawn
            position of it.
    """

    around: ClassVar[int]
    period: ClassVar[int]

    def received(self, view: View, params: Params, start: tuple[int, int]) -> Image:
        """Return what the network receives: the patch with its surroundings, the same size for every start.

        Args:
            view: the patch with its surroundings, not degraded.
            params: drawn parameters.
            start: row and column of the patch in the result, px.

        Returns:
            uint8 (H + 2·around + period − 1)×(W + 2·around + period − 1)×3 RGB.
        """
        raise NotImplementedError

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            network = load_network(self.networks[str(params[members[0]]["network"])])
            starts = [self._start(params[i]) for i in members]
            received = [self.received(images[i], params[i], start) for i, start in zip(members, starts, strict=True)]
            outputs = reconstruct(network, [corrupt(image, "none", 0.0, 0) for image in received])
            height, width = images[members[0]].shape
            return [to_levels(o[y : y + height, x : x + width]) for o, (y, x) in zip(outputs, starts, strict=True)]

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)

    def _start(self, params: Params) -> tuple[int, int]:
        """Return row and column of the patch in what the network receives."""
        drawn = int(params["sub_seed"])
        return self.around + drawn % self.period, self.around + drawn // self.period % self.period
