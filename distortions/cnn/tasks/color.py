"""The task `color`: the colour of a grey patch with hints, as a class for each pixel."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from typing import TYPE_CHECKING

from bappsmith.distortions.cnn.restoring import restoring_spec
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Channels, Task
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.distortions.restoration.colorization.nearest_hint import NearestHint
from bappsmith.distortions.restoration.colorization.received_hints import received_hints
from bappsmith.distortions.view import View, trimmed

if TYPE_CHECKING:
    from torch import Tensor

    from bappsmith.distortions.cnn.bank_operator import BankOperator

_SIDE = 7
"""Classes along an axis: chroma from -96 to 96 levels in steps of 32."""
_STEP = 32 / 127.5
"""Distance of neighbouring classes, on the scale of [-1, 1]."""
_SHARPNESS = 8.0
"""Factor on what a network returns, which lies in [-1, 1], to make scores of classes."""
_TEMPERATURE = 0.38
"""Of the annealed mean: between the mean of the classes (greyish) and the most likely one (blotches)."""
_UNIFORM = 0.5
"""Share of the uniform distribution in the frequencies by which classes are weighed."""


class Color(Task):
    """Give each pixel a distribution over classes of chroma, from luma and the colour of hints.

    After Zhang, Isola and Efros 2016. Rare classes weigh more in the loss: the mean colour, which squared errors
    prefer, is a brownish grey. The chroma is the annealed mean of the distribution.
    """

    name = "color"
    margin = 36
    steps = (150, 600)
    operators = ("color_network",)

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the operator `color_network`."""
        from bappsmith.distortions.restoration.colorization.color_network import ColorNetwork

        return (ColorNetwork,)

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw a network that returns scores of classes; see `restoring_spec`. The class loss always weighs 1.

        It has three levels, to see whole objects.
        """
        drawn = restoring_spec(self.name, seed, index, attempt, features=features, steps=steps)
        shape = {"inputs": 4, "outputs": _SIDE * _SIDE, "residual": False, "levels": 3, "skips": 3}
        return drawn.model_copy(update={**shape, "l1_weight": 1.0})

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Remove the colour of the patch, but for hints, and spread theirs."""
        side = crop.shape[0] - 2 * self.margin
        p = NearestHint().draw(draws.uniform(), draws)
        received = received_hints(View(crop, self.margin, (side, side)), p["spacing"], int(p["hints_seed"]))
        inner = slice(self.margin, -self.margin)
        return received[inner, inner], trimmed(crop, self.margin)

    def images(self, received: Tensor, returned: Tensor) -> Tensor:
        """Return the images with the received luma and the annealed mean of the classes."""
        import torch

        shares = (returned * (_SHARPNESS / _TEMPERATURE)).softmax(dim=1)
        steps = torch.arange(_SIDE, device=returned.device) - _SIDE // 2
        cells: Tensor = shares.reshape(len(shares), _SIDE, _SIDE, *shares.shape[2:])
        blue = (cells.sum(dim=2) * steps[:, None, None]).sum(dim=1) * (_STEP * 1.772)
        red = (cells.sum(dim=1) * steps[:, None, None]).sum(dim=1) * (_STEP * 1.402)
        luma = _luma(received)
        green = luma - (0.114 * blue + 0.299 * red) / 0.587
        return torch.stack((luma + red, green, luma + blue), dim=1).clamp(-1, 1)

    def pixel_loss(self, received: Tensor, returned: Tensor, clean: Tensor) -> Tensor:
        """Return the cross-entropy with the true chroma, shared among the four nearest classes; rare ones weigh more.

        A class weighs 1 / (its share of the batch / 2 + 1 / (2 · classes)), divided by the mean weight of a pixel.
        """
        luma = _luma(clean)
        target = _near(clean[:, 2] - luma, 1.772)[:, :, None] * _near(clean[:, 0] - luma, 1.402)[:, None]
        target = target.flatten(1, 2)
        frequencies = target.mean(dim=(0, 2, 3))
        rarity = 1 / ((1 - _UNIFORM) * frequencies + _UNIFORM / len(frequencies))
        rarity = rarity / (frequencies * rarity).sum()
        entropy = -(target * (returned * _SHARPNESS).log_softmax(dim=1)).sum(dim=1)
        return (entropy * (target * rarity[:, None, None]).sum(dim=1)).mean()


def _luma(images: Tensor) -> Tensor:
    return 0.299 * images[:, 0] + 0.587 * images[:, 1] + 0.114 * images[:, 2]


def _near(difference: Tensor, range_: float) -> Tensor:
    """Return the shares of the classes along an axis, N×classes×H×W: linear between the two nearest."""
    import torch

    position = (difference / (range_ * _STEP) + _SIDE // 2).clamp(0, _SIDE - 1)[:, None]
    steps = torch.arange(_SIDE, device=difference.device)[:, None, None]
    return (1 - (position - steps).abs()).clamp(min=0)


TASK = Color()
