"""Compute scores of a metric from its distances and the judgments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.human_score import human_score

Statistic: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""A function from counts of items, R×N, to R scores. A row of ones gives the score on all items."""


def two_afc_scores(d0: ArrayLike, d1: ArrayLike, judge: ArrayLike) -> NDArray[np.float64]:
    """Compute the share of votes that each prediction agrees with (Zhang et al. 2018, Section 3.1).

    (d0 < d1)·(1 - judge) + (d1 < d0)·judge + ½·(d0 = d1). The 2AFC score is the mean.

    Args:
        d0: distances of p0 from ref, shape (N,).
        d1: distances of p1 from ref, shape (N,).
        judge: shares of votes for p1, shape (N,), in [0, 1].

    Returns:
        Shape (N,), in [0, 1].

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> two_afc_scores([0.1, 0.4, 0.2], [0.3, 0.2, 0.2], [0.0, 0.25, 1.0]).tolist()
        [1.0, 0.25, 0.5]
    """
    d0, d1, judge = vectors(d0=d0, d1=d1, judge=judge)
    return (d0 < d1) * (1 - judge) + (d1 < d0) * judge + 0.5 * (d0 == d1)


def human_scores(judge: ArrayLike) -> NDArray[np.float64]:
    """Compute the human score of Zhang et al. 2018: judge² + (1 - judge)² per triplet (reference code).

    Every voter also agrees with themselves, so it is higher than one person scores against the others; see
    `unbiased_human_statistic`.

    Args:
        judge: shares of votes for p1, shape (N,), in [0, 1].

    Returns:
        Shape (N,), in [0.5, 1].

    Examples:
        >>> human_scores([0.0, 0.5, 0.75]).tolist()
        [1.0, 0.5, 0.625]
    """
    (judge,) = vectors(judge=judge)
    return judge**2 + (1 - judge) ** 2


def unbiased_human_statistic(judge: ArrayLike, votes: ArrayLike) -> Statistic:
    """Make the statistic "how often two different voters agree", a mean over items with at least two votes.

    Args:
        judge: shares of votes for p1, shape (N,), in [0, 1].
        votes: numbers of votes, shape (N,); 0: not known.

    Returns:
        A function as in `Statistic`; NaN for counts of items without two votes.

    Examples:
        >>> statistic = unbiased_human_statistic([0.5, 0.75, 1.0], [2, 4, 0])
        >>> statistic(np.ones((1, 3))).tolist()  # (0 + 0.5) / 2
        [0.25]
    """
    judge, votes = vectors(judge=judge, votes=votes)
    several = votes > 1
    values = human_score(judge[several], votes[several].astype(np.int32))

    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = counts[:, several]
        with np.errstate(invalid="ignore"):
            return counts @ values / counts.sum(axis=1)

    return statistic


def jnd_map(distance: ArrayLike, same: ArrayLike) -> float:
    """Compute the average precision of "small distance" as a detector of "looks the same" (reference code).

    Pairs are ordered by distance. TP and FP are the sums of `same` and 1 - `same` so far. Precision is TP / (TP + FP),
    recall TP / Σ same. The score is the area under the curve, with precision replaced by the largest precision at that
    recall or beyond. Pairs of equal distance are added together, so that the score does not depend on the order of
    files.

    Args:
        distance: shape (N,).
        same: shares of votes for "the same", shape (N,), in [0, 1].

    Returns:
        In [0, 1]; NaN if nobody said "the same".

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> jnd_map([0.1, 0.2, 0.3], [1.0, 0.0, 1.0])
        0.8333333333333333
    """
    return float(jnd_map_statistic(distance, same)(np.ones((1, np.size(distance))))[0])


def mean_statistic(scores: ArrayLike) -> Statistic:
    """Make the statistic "mean of scores" from the scores of items, shape (N,)."""
    (values,) = vectors(scores=scores)
    return lambda counts: counts @ values / counts.sum(axis=1)


def jnd_map_statistic(distance: ArrayLike, same: ArrayLike) -> Statistic:
    """Make the statistic `jnd_map` from its arguments. Items are sorted only once."""
    distance, same = vectors(distance=distance, same=same)
    order = np.argsort(distance, kind="stable")
    ordered = distance[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))  # starts of runs of equal distance
    same = same[order]

    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = counts[:, order]
        true = np.cumsum(np.add.reduceat(counts * same, starts, axis=1), axis=1)
        false = np.cumsum(np.add.reduceat(counts * (1 - same), starts, axis=1), axis=1)
        with np.errstate(invalid="ignore"):  # 0 / 0 before the first counted item, or if nobody said "the same"
            precision = np.nan_to_num(true / (true + false))
            recall = true / true[:, -1:]
        precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        return np.sum(np.diff(recall, prepend=0.0, axis=1) * precision, axis=1)

    return statistic


def vectors(**named: ArrayLike) -> list[NDArray[np.float64]]:
    """Convert to float64 vectors of one length, without NaN."""
    arrays = {name: np.asarray(value, dtype=np.float64).reshape(-1) for name, value in named.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in arrays.items())
        raise BappsmithError(f"scores need equal numbers of values, found {lengths}")
    for name, array in arrays.items():
        if np.isnan(array).any():
            raise BappsmithError(f"scores: {name} has NaN at position {int(np.isnan(array).argmax())}")
    return list(arrays.values())
