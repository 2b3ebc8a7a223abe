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
    """Settings of a training. What is None by default follows the mode and the number of triplets, see `schedule`.

    Attributes:
        net: trunk: "alex", "vgg", "squeeze", or torchvision's name of another network.
        taps: layers to compare; None: the default layers of the net.
        forms: how features are compared: one or more of `FORMS`, in this order; see `model.forms`.
        distance: "lpips" for linear heads, or "fc" for linear heads plus a small fully connected head, which needs form
            "local" alone.
        mode: "lin" (trunk fixed, heads trained), "tune" (both trained), "scratch" (both, from a random trunk).
        trunk_weights: file or "pretrained", or the seed of a random trunk (which lin does not train). None in mode
            scratch: there the trunk comes from `seed`.
        start_from: a checkpoint whose heads are the first ones; it must have the same trunk. None: equal heads.
        epochs: number of epochs at the full learning rate. Zhang et al. 2018: 5.
        decay_epochs: number of epochs after these, while the learning rate falls linearly to 0. Zhang et al. 2018: 5.
        patience: number of epochs without a better score on val after which the training stops; None: it never does.
        batch: triplets per step.
        accumulate: number of parts that a batch is split into, to save memory in tune and scratch. Gradients are those
            of the whole batch. Every image then goes through the trunk twice.
        learning_rate: of Adam, with β (0.5, 0.999), for the heads and what predicts votes. Zhang et al. 2018: 1e-4.
        trunk_learning_rate: the same for the trunk; None in mode lin.
        dropout: share of squared differences that training leaves out, in [0, 1) (lin: see `differences`).
        loss: "rank" (cross-entropy of a small network's prediction, Zhang et al. 2018), "binomial" (likelihood of the
            votes under `BradleyTerry`, which has no network), or "hinge" (see `hinge_loss`).
        weigh_votes: whether an item counts once per vote. The binomial loss always does that.
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
    start_from: str | None = None
    epochs: int | None = None
    decay_epochs: int | None = None
    patience: int | None = None
    batch: int = 50
    accumulate: int = 1
    learning_rate: float | None = None
    trunk_learning_rate: float | None = None
    dropout: float = 0.5
    loss: Literal["rank", "binomial", "hinge"] = "rank"
    weigh_votes: bool = False
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
            ("start_from", "None in mode scratch", self.start_from is None or self.mode != "scratch"),
            ("epochs", "at least 0", self.epochs is None or self.epochs >= 0),
            (
                "decay_epochs",
                "at least 0, and at least 1 if epochs is 0",
                self.decay_epochs >= (self.epochs == 0) if self.decay_epochs is not None else self.epochs != 0,
            ),
            ("patience", "at least 1", self.patience is None or self.patience >= 1),
            ("batch", "at least 1", self.batch >= 1),
            ("accumulate", f"between 1 and batch, {self.batch}", 1 <= self.accumulate <= self.batch),
            ("learning_rate", "above 0 and finite", self.learning_rate is None or 0 < self.learning_rate < inf),
            (
                "trunk_learning_rate",
                "above 0 and finite, and None in mode lin, which does not train the trunk",
                self.trunk_learning_rate is None or (self.mode != "lin" and 0 < self.trunk_learning_rate < inf),
            ),
            ("dropout", "in [0, 1)", 0 <= self.dropout < 1),
            ("loss", "rank, binomial or hinge", self.loss in ("rank", "binomial", "hinge")),
            ("margin", "above 0 and finite", 0 < self.margin < inf),
            ("ordering_weight", "at least 0 and finite", 0 <= self.ordering_weight < inf),
            ("seed", "in [0, 2^63)", 0 <= self.seed < 2**63),
        )
        for field, rule, kept in rules:
            if not kept:
                raise BappsmithError(f"training: {field} must be {rule}; found {getattr(self, field)!r}")
