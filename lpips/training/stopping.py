"""Which epoch is the best, and when to stop: read from the history alone, so that a resumed training agrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

VAL_SCORE = "val_2afc"


@dataclass(frozen=True)
class EpochScore:
    """A score of the metric after each epoch, in place of the 2AFC score on val, to choose the best epoch by.

    Attributes:
        name: what is measured, as in the history and in checkpoints.
        compute: metric → score; more is better. It must not change the metric, and give equal scores to equal metrics.
    """

    name: str
    compute: Callable[[LPIPS], float]

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name in ("epoch", "learning_rate", "loss", "train_2afc", VAL_SCORE):
            raise BappsmithError(
                f"the name of a score must be an identifier that the history does not use yet, found {self.name!r}"
            )

    def of(self, metric: LPIPS) -> float:
        """Compute the score.

        Raises:
            BappsmithError: the score is not finite.
        """
        value = float(self.compute(metric))
        if not isfinite(value):
            raise BappsmithError(f"the score {self.name}, which chooses the best epoch, must be finite, found {value}")
        return value


def best_epoch(history: Sequence[dict[str, Any]], score: str | None) -> int:
    """Return the position in the history of the earliest epoch with the highest score.

    Args:
        history: rows of epochs, at least one.
        score: name of the score in the rows; None: the last epoch is the best.
    """
    if score is None:
        return len(history) - 1
    return max(range(len(history)), key=lambda epoch: history[epoch][score])


def is_exhausted(history: Sequence[dict[str, Any]], score: str | None, patience: int | None) -> bool:
    """Whether the last `patience` epochs brought no better score than an epoch before."""
    if patience is None or not history:
        return False
    return len(history) - 1 - best_epoch(history, score) >= patience
