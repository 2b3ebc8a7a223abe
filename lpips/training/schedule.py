"""How long a training lasts, and how fast it learns: the settings that are given, and a rule for the others."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from .config import TrainConfig

STEPS = 4000
"""Steps that a training takes by default, as long as that needs neither less nor more epochs than these."""
FEWEST_EPOCHS, MOST_EPOCHS = 4, 40
LEARNING_RATE = {"lin": 1e-3, "tune": 1e-3, "scratch": 1e-4}
"""Learning rate of the heads."""
TRUNK_SHARE = {"tune": 0.01, "scratch": 1.0}
"""Learning rate of the trunk, as a share of that of the heads."""


@dataclass(frozen=True)
class Schedule:
    """The course of one training.

    Attributes:
        epochs: number of epochs at the full learning rate.
        decay_epochs: number of epochs after these, while the learning rate falls linearly to 0.
        learning_rate: of the heads and of what predicts votes.
        trunk_learning_rate: of the trunk; None in mode lin.
    """

    epochs: int
    decay_epochs: int
    learning_rate: float
    trunk_learning_rate: float | None

    @property
    def all_epochs(self) -> int:
        """Total number of epochs."""
        return self.epochs + self.decay_epochs

    def rates(self, epoch: int) -> list[float]:
        """Learning rates of an epoch, counted from 0, of heads and trunk: constant, then in equal steps towards 0."""
        share = min(1.0, (self.all_epochs - epoch) / (self.decay_epochs + 1))
        full = (self.learning_rate, self.trunk_learning_rate)
        return [rate * share for rate in full if rate is not None]


def schedule(config: TrainConfig, triplets: int) -> Schedule:
    """Fill in what a configuration leaves open.

    The rule takes about 4,000 steps, in 4 to 40 epochs. The first half of the epochs has the full learning rate. If
    only `epochs` is given, as many epochs of decay follow. If only `decay_epochs` is given, they are the last of the
    rule's.

    Args:
        config: settings of the training.
        triplets: number of triplets of an epoch.
    """
    total = min(max(ceil(STEPS * config.batch / triplets), FEWEST_EPOCHS), MOST_EPOCHS)
    if config.epochs is not None:
        epochs = config.epochs
        decay = epochs if config.decay_epochs is None else config.decay_epochs
    else:
        decay = total // 2 if config.decay_epochs is None else config.decay_epochs
        epochs = max(total - decay, int(decay == 0))
    rate = LEARNING_RATE[config.mode] if config.learning_rate is None else config.learning_rate
    trunk_rate = config.trunk_learning_rate
    if trunk_rate is None and config.mode != "lin":
        trunk_rate = rate * TRUNK_SHARE[config.mode]
    return Schedule(epochs, decay, rate, trunk_rate)
