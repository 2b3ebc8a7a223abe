"""Scores of a metric, from its distances and the judgments alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bappsmith.manifests.errors import BappsmithError


def two_afc_scores(d0: ArrayLike, d1: ArrayLike, judge: ArrayLike) -> NDArray[np.float64]:
    """Share of votes that each triplet's prediction agrees with (Zhang et al. 2018, Section 3.1).

    (d0 < d1)·(1 - judge) + (d1 < d0)·judge + ½·(d0 = d1). The 2AFC score is the mean.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].

    Returns:
        Shape (N,), in [0, 1].

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Example:
        >>> two_afc_scores([0.1, 0.4, 0.2], [0.3, 0.2, 0.2], [0.0, 0.25, 1.0]).tolist()
        [1.0, 0.25, 0.5]
    """
    d0, d1, judge = _arrays(d0=d0, d1=d1, judge=judge)
    return (d0 < d1) * (1 - judge) + (d1 < d0) * judge + 0.5 * (d0 == d1)


def human_scores(judge: ArrayLike) -> NDArray[np.float64]:
    """Score of one human against the others: judge² + (1 - judge)² per triplet (reference code).

    Example:
        >>> human_scores([0.0, 0.5, 0.75]).tolist()
        [1.0, 0.5, 0.625]
    """
    (judge,) = _arrays(judge=judge)
    return judge**2 + (1 - judge) ** 2


def jnd_map(distance: ArrayLike, same: ArrayLike) -> float:
    """Mean average precision of "small distance" as a detector of "looks the same" (reference code).

    Pairs are ordered by distance. With TP and FP the sums of `same` and 1 - `same` so far, precision is
    TP / (TP + FP) and recall TP / Σ same; the area under the curve is taken with precision replaced by
    the largest at that recall or beyond. Pairs of equal distance enter together, so that the score does
    not depend on the order of files.

    Args:
        distance: shape (N,).
        same: shares of votes for "the same", shape (N,), in [0, 1].

    Returns:
        In [0, 1]; NaN where nobody said "the same".

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Example:
        >>> jnd_map([0.1, 0.2, 0.3], [1.0, 0.0, 1.0])
        0.8333333333333333
    """
    distance, same = _arrays(distance=distance, same=same)
    if same.sum() == 0:
        return float("nan")
    values, group = np.unique(distance, return_inverse=True)
    true = np.cumsum(np.bincount(group, weights=same, minlength=len(values)))
    false = np.cumsum(np.bincount(group, weights=1 - same, minlength=len(values)))
    precision = np.maximum.accumulate((true / (true + false))[::-1])[::-1]
    return float(np.sum(np.diff(true / true[-1], prepend=0.0) * precision))


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float


def bootstrap(
    count: int,
    statistic: Callable[[NDArray[np.intp]], float],
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """A statistic under the bootstrap (Efron 1979).

    Args:
        count: number of items.
        statistic: from the indices of resampled items to a number.
        groups: number of the group of every item, shape (count,). Groups are drawn then, and items within each
            (the two-stage bootstrap of Davison and Hinkley 1997, Section 3.8), because items that share a
            photograph are more alike than others; without it, single items.
        resamples: number of resamples.
        seed: of the resampling; the same seed gives the same resamples, so two metrics can be paired.

    Returns:
        Shape (resamples,); NaN where the statistic is.
    """
    rng = np.random.default_rng(seed)
    if groups is None:
        return np.array([statistic(rng.integers(0, count, count)) for _ in range(resamples)])
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    found = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(members), len(members))
        found.append(
            statistic(np.concatenate([members[k][rng.integers(0, len(members[k]), len(members[k]))] for k in drawn]))
        )
    return np.array(found)


def interval(values: NDArray[np.float64], level: float = 0.95) -> Interval:
    """The middle `level` of resampled values, by percentiles; NaN values do not count, and NaN where all are."""
    if np.isnan(values).all():
        return Interval(float("nan"), float("nan"))
    tail = (1 - level) / 2
    return Interval(float(np.nanquantile(values, tail)), float(np.nanquantile(values, 1 - tail)))


def two_sided_p(differences: NDArray[np.float64]) -> float:
    """Bootstrap p-value of "no difference": twice the smaller share of resampled differences on either side of 0.

    It is never below 2 / (resamples + 1), which is as much as so many resamples can tell.
    """
    beyond = min((differences <= 0).sum(), (differences >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(differences) + 1)))


def _arrays(**named: ArrayLike) -> list[NDArray[np.float64]]:
    """As float64 vectors of one length, without NaN."""
    arrays = {name: np.asarray(value, dtype=np.float64).reshape(-1) for name, value in named.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in arrays.items())
        raise BappsmithError(f"scores need as many values of each: found {lengths}")
    for name, array in arrays.items():
        if np.isnan(array).any():
            raise BappsmithError(f"scores: {name} has NaN at position {int(np.isnan(array).argmax())}")
    return list(arrays.values())
