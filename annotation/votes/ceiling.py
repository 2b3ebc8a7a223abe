"""How high a score against the votes can be, with intervals, from the votes alone."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import betainc

from bappsmith.annotation.quality.krippendorff import Estimate, alpha_with_interval, with_interval
from bappsmith.annotation.quality.task_answers import tasks_of
from bappsmith.manifests.human_score import human_score

from .item_votes import counted_votes, item_votes


@dataclass(frozen=True)
class TaskCeiling:
    """Agreement and ceilings of the votes on one task so far. Only items with two votes or more say anything.

    Attributes:
        task: "2afc", "jnd" or "similar".
        items: items with two votes or more.
        alpha: Krippendorff's alpha, nominal.
        human: share of the others' votes that one person is expected to agree with: `human_score`, unbiased for any
            number of votes.
        published: the human score of BAPPS, g² + (1 - g)², in which everybody also agrees with themselves.
        best: expected score of the best possible predictor, E max(p, 1 - p), where the probabilities p of the items are
            taken to follow the beta distribution with the mean and variance that the votes show.
    """

    task: str
    items: int
    alpha: Estimate
    human: Estimate
    published: Estimate
    best: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; NaN becomes null."""
        figures = {name: vars(getattr(self, name)) for name in ("alpha", "human", "published", "best")}
        plain = {
            name: {key: None if np.isnan(number) else number for key, number in values.items()}
            for name, values in figures.items()
        }
        return {"task": self.task, "items": self.items, **plain}


def task_ceilings(votes: pa.Table) -> list[TaskCeiling]:
    """Compute agreement and ceilings, task by task; 95 % bootstrap intervals over items.

    Args:
        votes: columns `VOTE_SCHEMA`. Only what counts as a vote is used.
    """
    rows = counted_votes(votes)
    return [_ceiling(task, rows.filter(pc.equal(rows["task"], task))) for task in tasks_of(rows)]


def _ceiling(task: str, rows: pa.Table) -> TaskCeiling:
    parts = [item_votes(rows, subset) for subset in pc.unique(rows["subset"]).to_pylist()]
    positive = np.concatenate([part.positive for part in parts])
    votes = np.concatenate([part.votes for part in parts])
    positive, votes = positive[votes > 1], votes[votes > 1]
    return TaskCeiling(
        task,
        len(votes),
        alpha_with_interval(positive, votes),
        with_interval(_human, positive, votes),
        with_interval(_published, positive, votes),
        with_interval(_best, positive, votes),
    )


def _human(k: NDArray[np.float64], n: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float(np.average(human_score(k / n, n.astype(np.int32)), weights=weight))


def _published(k: NDArray[np.float64], n: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    share = k / n
    return float(np.average(share**2 + (1 - share) ** 2, weights=weight))


def _best(k: NDArray[np.float64], n: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    mean = float(np.average(k / n, weights=weight))
    square = float(np.average(k * (k - 1) / (n * (n - 1)), weights=weight))
    return best_score(mean, square - mean**2)


def ceiling_of_votes(shares: NDArray[np.float64], votes: NDArray[np.int32]) -> float:
    """Estimate the expected score of the best possible predictor from a labelling; see `TaskCeiling.best`.

    Args:
        shares: of votes for p1, shape (N,).
        votes: number of votes, shape (N,).

    Returns:
        In [0.5, 1]; NaN if no item has two votes.
    """
    n = votes[votes > 1].astype(np.float64)
    return _best(np.round(shares[votes > 1] * n), n, np.ones(len(n))) if len(n) else float("nan")


def best_score(mean: float, variance: float) -> float:
    """Return E max(p, 1 - p) of a beta distribution.

    With parameters a and b, E max(p, 1 - p) = m (1 - I(a + 1, b)) + (1 - m) I(a, b + 1), where I is the regularised
    incomplete beta function at 1/2 and m = a / (a + b).

    Args:
        mean: m, in [0, 1].
        variance: of p; below 0 counts as 0, and above m (1 - m) as that.

    Examples:
        >>> best_score(0.5, 1 / 12)  # uniform
        0.75
    """
    if variance <= 0:
        return max(mean, 1 - mean)
    size = mean * (1 - mean) / variance - 1
    if size <= 0:
        return 1.0
    a, b = mean * size, (1 - mean) * size
    return float(mean * (1 - betainc(a + 1, b, 0.5)) + (1 - mean) * betainc(a, b + 1, 0.5))
