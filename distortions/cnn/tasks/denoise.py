"""The task `denoise`: denoising autoencoders, as made the CNN-based half of BAPPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.spec import STEPS, NetworkSpec, spec
from bappsmith.distortions.cnn.task import Channels, Task
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.bank_operator import BankOperator


class Denoise(Task):
    """Return the patch from a corrupted one. Their failures are what is wanted, so few steps are enough."""

    name = "denoise"
    steps = STEPS
    distorts = True
    operators = ("denoiser", "reweighted_denoiser")

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the operators `denoiser` and `reweighted_denoiser`."""
        from bappsmith.distortions.cnn.denoiser import Denoiser
        from bappsmith.distortions.cnn.reweighted_denoiser import ReweightedDenoiser

        return Denoiser, ReweightedDenoiser

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw a network of the space of Zhang et al. 2018; see `cnn.spec`."""
        return spec(seed, index, attempt, features=features, steps=steps)

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Corrupt the patch as the network's spec says."""
        return corrupt(crop, spec.corruption, spec.amount, draws.sub_seed()), crop


TASK = Denoise()
