"""What the networks of a bank are for. One task is one file in `tasks`, found by its name."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import unknown_name

from . import tasks
from .spec import NetworkSpec

if TYPE_CHECKING:
    from torch import Tensor

    from .bank_operator import BankOperator

Channels = NDArray[np.float32]
"""H×W×channels in about [-1, 1]: what a network receives."""


class Task:
    """What the networks of a bank are for: what they receive, what they are to return, and which operators use them.

    A file ``tasks/NAME.py`` defines a subclass, and an instance of it as ``TASK``. It imports no torch.

    Attributes:
        name: stem of the file.
        margin: px of the photograph around a patch that `pair` needs.
        steps: fewest and most training steps of a network, where a person gives none.
        distorts: whether networks are there to distort: one that returns its input is then rejected.
        operators: names of the operators of a bank, in the order of `operator_classes`.
    """

    name: ClassVar[str]
    margin: ClassVar[int] = 0
    steps: ClassVar[tuple[int, int]]
    distorts: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]]

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the classes of the operators that draw from a bank."""
        raise NotImplementedError

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw the `index`-th network of a bank.

        Args:
            seed: of the bank.
            index: position in it.
            attempt: number of networks that were rejected at this position before.
            features: whether a trained trunk is given for the feature loss.
            steps: fewest and most training steps.
        """
        raise NotImplementedError

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Make a training pair.

        Args:
            spec: the network.
            crop: a patch with `margin` px of its surroundings on each side, uint8 H×W×3 RGB.
            draws: the random stream.

        Returns:
            What the network receives, float32 h×w×inputs, and the patch that is to come out, uint8 h×w×3 RGB.
        """
        raise NotImplementedError

    def images(self, received: Tensor, returned: Tensor) -> Tensor:
        """Return RGB images, N×3×H×W in [-1, 1], of what networks received and returned."""
        return returned

    def pixel_loss(self, received: Tensor, returned: Tensor, clean: Tensor) -> Tensor:
        """Return the loss that `l1_weight` weighs: here the mean absolute error.

        Args:
            received: by the network, N×inputs×H×W.
            returned: by the network, N×outputs×H×W.
            clean: what is to come out, N×3×H×W RGB in [-1, 1].
        """
        return (self.images(received, returned) - clean).abs().mean()


def task_names() -> list[str]:
    """Return the names of all tasks."""
    return sorted(module.name for module in pkgutil.iter_modules(tasks.__path__))


def find_task(name: str) -> Task:
    """Return the task of that name.

    Raises:
        BappsmithError: the name is unknown.
    """
    if name not in task_names():
        raise unknown_name("task of a bank", name, task_names())
    return import_module(f"{tasks.__name__}.{name}").TASK


def all_tasks() -> list[Task]:
    """Return all tasks."""
    return [find_task(name) for name in task_names()]
