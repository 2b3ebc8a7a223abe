"""Settings of a training."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from bappsmith.lpips.model.forms import FORMS, Form
from bappsmith.lpips.model.lpips import Distance
from bappsmith.manifests.errors import BappsmithError


@dataclass(frozen=True)
class TrainConfig:
    """Settings of a training. Defaults are those of Zhang et al. 2018 and its code, if published.

    Attributes:
        net: trunk: "alex", "vgg", "squeeze", or torchvision's name of another network.
        taps: layers to compare; None: the default layers of the net.
        forms: how features are compared: one or more of "local", "mean", "structure", in this order; see `model.forms`.
        distance: "lpips" for linear heads, or "fc" for linear heads plus a small fully connected head, which needs form
            "local" alone.
        mode: "lin" (trunk fixed, heads trained), "tune" (both trained), "scratch" (both, from a random trunk).
        trunk_weights: file or "pretrained", or the seed of a random trunk (which lin does not train). None in mode
            scratch: there the trunk comes from `seed`.
        epochs: number of epochs at the full learning rate.
        decay_epochs: number of epochs after these, while the learning rate falls linearly to 0.
        batch: triplets per step.
        accumulate: number of parts that a batch is split into, to save memory in tune and scratch. Gradients are those
            of the whole batch. Every image then goes through the trunk twice.
        learning_rate: of Adam, with β (0.5, 0.999).
        dropout: share of squared differences that training leaves out, in [0, 1) (lin: see `differences`).
        loss: "rank" (cross-entropy of a small network's prediction, Zhang et al. 2018) or "hinge" (see `hinge_loss`).
        margin: of the hinge loss, in units of distance.
        ordering_weight: weight of `ordering_loss`, for the rank loss only; 0 leaves it out. Pihlgren et al. 2023: 10;
            synthetic judges need it.
        seed: of the random trunk, the rank net, the order of triplets and dropout.
    """

    net: str = "alex"
    taps: tuple[str, ...] | None = None
    forms: tuple[Form, ...] = ("local",)
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
        in_order = tuple(form for form in FORMS if form in self.forms)
        rules = (
            (
                "forms",
                f"one or more of {', '.join(FORMS)}, each once and in this order",
                self.forms == in_order != (),
            ),
            ("distance", "lpips or fc (cosine has nothing to train but the trunk)", self.distance in ("lpips", "fc")),
            ("forms", "('local',) for distance fc", self.distance != "fc" or self.forms == ("local",)),
            ("mode", "lin, tune or scratch", self.mode in ("lin", "tune", "scratch")),
            (
                "trunk_weights",
                "None in mode scratch (the trunk comes from the seed), else a file, 'pretrained' or a seed",
                (self.mode == "scratch") == (self.trunk_weights is None),
            ),
            ("epochs", "at least 0", self.epochs >= 0),
            (
                "decay_epochs",
                "at least 0, and at least 1 if epochs is 0",
                self.decay_epochs >= (not self.epochs),
            ),
            ("batch", "at least 1", self.batch >= 1),
            ("accumulate", f"between 1 and batch, {self.batch}", 1 <= self.accumulate <= self.batch),
            ("learning_rate", "above 0 and finite", 0 < self.learning_rate < inf),
            ("dropout", "in [0, 1)", 0 <= self.dropout < 1),
            ("loss", "rank or hinge", self.loss in ("rank", "hinge")),
            ("margin", "above 0 and finite", 0 < self.margin < inf),
            ("ordering_weight", "at least 0 and finite", 0 <= self.ordering_weight < inf),
            ("seed", "in [0, 2^63)", 0 <= self.seed < 2**63),
        )
        for field, rule, kept in rules:
            if not kept:
                raise BappsmithError(f"training: {field} must be {rule}; found {getattr(self, field)!r}")

    @property
    def all_epochs(self) -> int:
        """Total number of epochs."""
        return self.epochs + self.decay_epochs

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 0: constant, then in equal steps towards 0."""
        remaining = self.all_epochs - epoch
        return self.learning_rate * min(1.0, remaining / (self.decay_epochs + 1))
