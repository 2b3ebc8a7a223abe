"""How to train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bappsmith.lpips.model.lpips import Distance
from bappsmith.manifests.errors import BappsmithError


@dataclass(frozen=True)
class TrainConfig:
    """How to train. Defaults are those of Zhang et al. 2018 and its code, where published.

    Attributes:
        net: trunk: "alex", "vgg", "squeeze", or torchvision's name of another network.
        taps: layers to compare; None: the net's own.
        distance: "lpips", or "fc" for heads with a small fully connected one beside them.
        mode: "lin" (trunk fixed, heads trained), "tune" (both trained), "scratch" (both, from a random trunk).
        trunk_weights: file or "pretrained" to start from, or the seed of a random trunk (which lin leaves as it is);
            scratch: None, the trunk comes from `seed`.
        epochs: epochs at the full learning rate.
        decay_epochs: epochs after these, over which the learning rate falls linearly to 0.
        batch: triplets per step.
        accumulate: parts that a batch is split into, to save memory in tune and scratch; their gradients are added.
        learning_rate: of Adam, β (0.5, 0.999).
        dropout: share of squared differences left out of the heads in training (lin: see `differences`).
        loss: "rank" (cross-entropy of a small network's prediction, Zhang et al. 2018) or "hinge" (see `hinge_loss`).
        margin: of the hinge loss.
        ordering_weight: weight of the term that turns the distance the right way up; 0 leaves it out
            (Pihlgren et al. 2023: 10; needed for synthetic judges). Of the rank loss only.
        seed: of the random trunk, the rank net, the order of triplets and dropout.
    """

    net: str = "alex"
    taps: tuple[str, ...] | None = None
    distance: Distance = "lpips"
    mode: Literal["lin", "tune", "scratch"] = "lin"
    trunk_weights: str | int | None = "pretrained"
    epochs: int = 5
    decay_epochs: int = 5
    batch: int = 50
    accumulate: int = 1
    learning_rate: float = 1e-4
    dropout: float = 0.5
    loss: Literal["rank", "hinge"] = "rank"
    margin: float = 0.1
    ordering_weight: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "distance is lpips or fc (cosine has nothing to train but the trunk)": self.distance in ("lpips", "fc"),
            "mode is lin, tune or scratch": self.mode in ("lin", "tune", "scratch"),
            "mode scratch starts from the seed, without trunk weights": self.mode != "scratch"
            or self.trunk_weights is None,
            "modes lin and tune start from trunk weights": self.mode == "scratch" or self.trunk_weights is not None,
            "epochs and decay_epochs are at least 0, and together at least 1": min(self.epochs, self.decay_epochs) >= 0
            and self.all_epochs >= 1,
            "batch is at least 1": self.batch >= 1,
            "accumulate lies between 1 and batch": 1 <= self.accumulate <= self.batch,
            "learning_rate is above 0": self.learning_rate > 0,
            "dropout lies in [0, 1)": 0 <= self.dropout < 1,
            "loss is rank or hinge": self.loss in ("rank", "hinge"),
            "margin is above 0": self.margin > 0,
            "ordering_weight is at least 0": self.ordering_weight >= 0,
            "seed lies in [0, 2^63)": 0 <= self.seed < 2**63,
        }
        for rule, kept in allowed.items():
            if not kept:
                raise BappsmithError(f"training: {rule}; found {self}")

    @property
    def all_epochs(self) -> int:
        """Number of epochs."""
        return self.epochs + self.decay_epochs

    def rate(self, epoch: int) -> float:
        """Learning rate in an epoch, from 0: constant, then in equal steps towards 0."""
        left = self.all_epochs - epoch
        return self.learning_rate * min(1.0, left / (self.decay_epochs + 1))
