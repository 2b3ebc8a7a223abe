"""Scores under a budget, as `certify` and `attack` report them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.evaluation.bootstrap import Interval, bootstrap, interval
from bappsmith.lpips.evaluation.origin import read_origin
from bappsmith.lpips.evaluation.scores import mean_statistic
from bappsmith.manifests.errors import BappsmithError

from .budget import Budget


@dataclass(frozen=True)
class RobustScore:
    """Figures for one budget.

    Attributes:
        budget: the change; None: none.
        held: share of judgments that hold, in [0, 1].
        score: 2AFC score that is left, in [0, 1].
        interval: of the score, 95 %, by bootstrap over photographs where they are known, else over items.
    """

    budget: Budget | None
    held: float
    score: float
    interval: Interval

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "budget": None if self.budget is None else self.budget.label,
            "held": self.held,
            "score": self.score,
            "interval": [self.interval.low, self.interval.high],
        }


def robust_scores(
    agreement: NDArray[np.float64],
    held: Mapping[Budget, NDArray[np.bool_]],
    groups: NDArray[np.intp] | None,
) -> list[RobustScore]:
    """Compute the score without a change, then that which is left for every budget.

    Where a judgment does not hold, the worst change turns it if that lowers the score: min(a, 1 - a) is left.

    Args:
        agreement: a, 2AFC score of every item without a change, shape (N,).
        held: which judgments hold, shape (N,).
        groups: number of the photograph of every item, shape (N,); None: not known.
    """
    unchanged: dict[Budget | None, NDArray[np.bool_]] = {None: np.ones(len(agreement), dtype=bool)}
    which = unchanged | dict(held)
    scores = {
        budget: np.where(holds, agreement, np.minimum(agreement, 1 - agreement)) for budget, holds in which.items()
    }
    drawn = bootstrap(
        len(agreement), {budget: mean_statistic(values) for budget, values in scores.items()}, groups=groups
    )
    return [
        RobustScore(budget, float(which[budget].mean()), float(values.mean()), interval(drawn[budget]))
        for budget, values in scores.items()
    ]


def photographs(subset: PackedSubset) -> NDArray[np.intp] | None:
    """Return the number of the photograph of every item; None if it is not known."""
    origin = read_origin(subset)
    return origin.photo if origin else None


def refuse_not_finite(distances: NDArray[np.floating], subset: PackedSubset) -> None:
    """Refuse distances that are no numbers, because a comparison with them would still give a judgment.

    Raises:
        BappsmithError: a distance is NaN or infinite.
    """
    if not np.isfinite(distances).all():
        raise BappsmithError(f"{subset.name}: the metric gives distances that are NaN or infinite; train it again")


def refuse_unfit(subset: PackedSubset, budgets: Sequence[Budget]) -> None:
    """Refuse a subset whose judgments these changes cannot turn, or leave without a meaning.

    Raises:
        BappsmithError: the subset is a JND subset, or a budget is too large for its images.
    """
    refuse_jnd(subset)
    for budget in budgets:
        budget.refuse_too_large(int(np.prod(subset.pixels.shape[2:])))


def refuse_jnd(subset: PackedSubset) -> None:
    """Refuse a JND subset: it has no judgment between two patches.

    Raises:
        BappsmithError: the subset is a JND subset.
    """
    if subset.kind != "2afc":
        raise BappsmithError(f"{subset.root}: a JND subset has no judgment to turn; give a 2AFC subset")
