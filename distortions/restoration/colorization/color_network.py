"""Colorization: a network of a bank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.grouping import in_groups
from bappsmith.distortions.cnn.levels import to_levels
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.task import find_task
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .hinted_colorization import HintedColorization
from .received_hints import received_hints

_AROUND = 16
"""Px around the patch that the network gets, at least."""
_PERIOD = 8
"""Period in px of the grid that the network's upsampling can leave. The patch starts at a drawn position of it."""


class ColorNetwork(HintedColorization, BankOperator):
    """A network that gives each pixel a mean of 49 classes of chroma, from luma and the colour that hints spread.

    Rare classes weigh more. Colours keep to objects and are vivid; their hue is often another, and faint ones are lost.
    """

    source = "after Zhang, Isola and Efros 2016, Colorful Image Colorization (classes, rebalancing, annealed mean)"
    task = "color"

    def margin(self, side: int, params: Params) -> int:
        """Return what the network sees around the patch, or how far hints are looked for."""
        return max(_AROUND + _PERIOD - 1, super().margin(side, params))

    def apply(self, view: View, *, spacing: float, hints_seed: int, network: str) -> Image:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Apply to one patch; see the class."""
        return self.apply_batch([view], [{"spacing": spacing, "hints_seed": hints_seed, "network": network}])[0]

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            import torch

            network = load_network(self.networks[str(params[members[0]]["network"])])
            height, width = images[members[0]].shape
            starts, received = list[tuple[int, int]](), list[NDArray[np.float32]]()
            for i in members:
                drawn, margin = int(params[i]["hints_seed"]), images[i].margin
                y, x = _AROUND + drawn % _PERIOD, _AROUND + drawn // _PERIOD % _PERIOD
                whole = received_hints(images[i], params[i]["spacing"], drawn)[margin - y :, margin - x :]
                starts.append((y, x))
                received.append(whole[: height + 2 * _AROUND + _PERIOD - 1, : width + 2 * _AROUND + _PERIOD - 1])
            task, results = find_task(self.task), list[Image]()
            outputs = reconstruct(network, received)
            for given, returned, (y, x) in zip(received, outputs, starts, strict=True):
                planes = (np.ascontiguousarray(np.moveaxis(one, -1, 0)[None]) for one in (given, returned))
                image = task.images(*map(torch.as_tensor, planes))[0].movedim(0, -1).numpy()
                results.append(to_levels(image)[y : y + height, x : x + width].copy())
            return results

        return in_groups([(v["network"], view.image.shape) for view, v in zip(images, params, strict=True)], apply)
