"""The space of networks: one network as data, and the i-th network of a bank of denoisers.

Fields follow the supplementary table of Zhang et al. 2018. It names what was varied, but not the values. The values are
ours, with their reasons.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError

Corruption = Literal["none", "white_noise", "pink_noise", "color_removal", "downsampling"]
STEPS = (50, 1500)
"""Fewest and most training steps of a network, drawn log-uniformly: half of the networks have less than 274."""


class NetworkSpec(BaseModel):
    """One autoencoder: its input, its architecture and its training.

    Attributes:
        corruption: of its input; the five kinds of the paper. "none" for tasks that make their own input.
        amount: strength of the corruption: standard deviation of noise on the scale [-1, 1] (0.05 is faint, 0.5 hides
            edges), share of the colour that is removed, or 1 - 1/factor of downsampling (0.5: half, 0.75: a quarter of
            the size).
        levels: number of times that the size is halved, 1 to 3: 64 px become 32 to 8. At a smaller size a layer would
            see little more than a border.
        skips: number of levels with a skip connection to the decoder, from the coarsest up; 0 smears most.
        top_skip: whether the last layer also gets the input; edges are then kept.
        dropout_layers: number of decoder layers with dropout 0.3, from the coarsest; dropout makes the output greyer.
        upsampling: "nearest", "bilinear", "transposed" (4×4, known for checkerboards) or "pixel_shuffle".
        normalization: "none", "batch" (its statistics are fixed after training) or "instance" (it loses brightness and
            contrast: colour drift).
        first_stride: 1 or 2; with 2 the network does not see single pixels.
        first_width: channels of the first layer; 8 is about the smallest number that keeps colour, and each channel
            beyond 16 costs time without another kind of artefact.
        largest_width: channels double at every level up to this number.
        discriminator_layers: convolutions of the patch discriminator; 0: no discriminator is trained.
        l1_weight: weight of the mean absolute error.
        feature_weight: weight of the distance in a trained trunk's features; 0 if no trunk is given.
        discriminator_weight: weight of the discriminator's score; larger values give more hallucinated texture.
        ms_ssim_weight: weight of 1 - MS-SSIM, ours; it keeps structure and lets colour drift.
        learning_rate: of Adam; large values leave ringing.
        steps: of training. After few of them a network still smears and loses colour; after many only the marks of its
            architecture remain.
        seed: of weights, patches and noise.
        task: what the network is for; see `task.Task`.
        inputs: channels that it receives.
        outputs: channels that it returns.
        residual: whether it returns a correction of the first `outputs` channels of its input.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    corruption: Corruption
    amount: float = Field(ge=0, le=1)
    levels: int = Field(ge=1, le=3)
    skips: int = Field(ge=0, le=3)
    top_skip: bool
    dropout_layers: int = Field(ge=0, le=3)
    upsampling: Literal["nearest", "bilinear", "transposed", "pixel_shuffle"]
    normalization: Literal["none", "batch", "instance"]
    first_stride: Literal[1, 2]
    first_width: int = Field(ge=4, le=64)
    largest_width: int = Field(ge=4, le=256)
    discriminator_layers: int = Field(ge=0, le=4)
    l1_weight: float = Field(ge=0)
    feature_weight: float = Field(ge=0)
    discriminator_weight: float = Field(ge=0)
    ms_ssim_weight: float = Field(ge=0)
    learning_rate: float = Field(gt=0, le=0.1)
    steps: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**53)
    task: str = "denoise"
    inputs: int = Field(default=3, ge=1, le=16)
    outputs: int = Field(default=3, ge=1, le=512)
    residual: bool = False

    @model_validator(mode="after")
    def _check(self) -> NetworkSpec:
        if self.skips > self.levels or self.dropout_layers > self.levels:
            raise ValueError(f"skips and dropout_layers must be at most levels ({self.levels})")
        if self.largest_width < self.first_width:
            raise ValueError("largest_width must be at least first_width")
        if (self.discriminator_weight > 0) != (self.discriminator_layers > 0):
            raise ValueError("discriminator_weight and discriminator_layers must both be 0, or neither")
        if self.residual and self.inputs < self.outputs:
            raise ValueError(f"a residual network needs at least as many inputs as outputs ({self.outputs})")
        if self.l1_weight + self.feature_weight + self.ms_ssim_weight == 0:
            raise ValueError("one of l1_weight, feature_weight and ms_ssim_weight must be above 0")
        return self

    @classmethod
    def from_json(cls, data: Any) -> NetworkSpec:
        """Validate plain data.

        Raises:
            BappsmithError: the data are invalid; one line names the field and what is wrong.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "network"
            message = problem["msg"].removeprefix("Value error, ")
            raise BappsmithError(f"network spec, {where}: {message}") from error

    def to_json(self) -> dict[str, Any]:
        """Return the spec as plain data. Fields with their default value are left out: old banks keep their hash."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def losses(self) -> str:
        """Return the losses that it is trained with, and their weights, in words."""
        weights = {
            "L1": self.l1_weight,
            "features": self.feature_weight,
            "MS-SSIM": self.ms_ssim_weight,
            f"critic of {self.discriminator_layers}": self.discriminator_weight,
        }
        return ", ".join(f"{name} {weight:g}" for name, weight in weights.items() if weight)

    def architecture(self) -> tuple[object, ...]:
        """Return the fields that decide the shapes of all layers."""
        return (
            self.levels, self.skips, self.top_skip, self.upsampling, self.normalization,
            self.first_stride, self.first_width, self.largest_width, self.inputs, self.outputs, self.residual,
        )  # fmt: skip

    def digest(self) -> str:
        """Return the sha256 over all fields, hex."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


def spec(seed: int, index: int, attempt: int = 0, *, features: bool, steps: tuple[int, int] = STEPS) -> NetworkSpec:
    """Draw the `index`-th network of a bank of denoisers.

    Args:
        seed: of the bank.
        index: position in it.
        attempt: number of networks that were rejected at this position before.
        features: whether a trained trunk is given for the feature loss.
        steps: fewest and most training steps, drawn log-uniformly.
    """
    draws = Draws(seed, index * 64 + attempt)
    corruption: Corruption = draws.choice(("none", "white_noise", "pink_noise", "color_removal", "downsampling"))
    amount = {
        "none": 0.0,
        "white_noise": draws.uniform(0.05, 0.5),
        "pink_noise": draws.uniform(0.05, 0.5),
        "color_removal": draws.uniform(0.5, 1.0),
        "downsampling": draws.uniform(0.3, 0.75),
    }[corruption]
    levels = 1 + draws.integer(3)
    layers = draws.choice((0, 0, 1, 2, 3))
    first = draws.choice((8, 12, 16))
    kind = draws.integer(3)
    return NetworkSpec(
        corruption=corruption,
        amount=round(amount, 4),
        levels=levels,
        skips=draws.integer(levels + 1),
        top_skip=draws.integer(3) == 0,
        dropout_layers=draws.integer(levels + 1) if draws.integer(2) else 0,
        upsampling=draws.choice(("nearest", "bilinear", "transposed", "pixel_shuffle")),
        normalization=draws.choice(("none", "batch", "instance")),
        first_stride=2 if draws.integer(4) == 0 else 1,
        first_width=first,
        largest_width=first * draws.choice((1, 2, 4)),
        discriminator_layers=layers,
        l1_weight=1.0 if kind != 2 else 0.1,
        feature_weight=draws.choice((0.0, 0.3, 1.0)) if features else 0.0,
        discriminator_weight=round(draws.uniform(0.02, 0.3), 4) if layers else 0.0,
        ms_ssim_weight=1.0 if kind == 2 else 0.0,
        learning_rate=round(5e-4 * 8 ** draws.uniform(), 6),
        seed=draws.sub_seed(),
        steps=round(steps[0] * (steps[1] / steps[0]) ** draws.uniform()),
    )
