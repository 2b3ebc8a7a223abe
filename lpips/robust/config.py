"""Settings of a training of a certified metric."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal, TypeAlias

from bappsmith.manifests.errors import BappsmithError

EmbeddingName: TypeAlias = Literal["dct", "sll"]


@dataclass(frozen=True)
class CertifiedConfig:
    """Settings of a training. `DEFAULTS` has those of each embedding.

    Attributes:
        embedding: "dct" (fixed transform, trained weights) or "sll" (learnt 1-Lipschitz convolutions).
        robustness: weight of `radius_loss` in the loss; more gives larger radii and a lower natural score.
        epochs: number of epochs; the learning rate falls to 0 along a half cosine.
        batch: triplets per step.
        learning_rate: of Adam.
        seed: of the first weights of "sll", and of the order of triplets.
    """

    embedding: EmbeddingName
    robustness: float
    epochs: int
    batch: int
    learning_rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        rules = (
            ("embedding", "dct or sll", self.embedding in ("dct", "sll")),
            ("robustness", "at least 0 and finite", 0 <= self.robustness < inf),
            ("epochs", "at least 1", self.epochs >= 1),
            ("batch", "at least 1", self.batch >= 1),
            ("learning_rate", "above 0 and finite", 0 < self.learning_rate < inf),
            ("seed", "in [0, 2^63)", 0 <= self.seed < 2**63),
        )
        for field, rule, kept in rules:
            if not kept:
                raise BappsmithError(f"certified training: {field} must be {rule}; found {getattr(self, field)!r}")


DEFAULTS: dict[EmbeddingName, CertifiedConfig] = {
    "dct": CertifiedConfig("dct", robustness=1.0, epochs=15, batch=300, learning_rate=0.1),
    "sll": CertifiedConfig("sll", robustness=1.0, epochs=3, batch=50, learning_rate=0.005),
}
