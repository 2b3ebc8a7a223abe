"""Scores of all items from a selection of them, in which items had different probabilities to be chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bappsmith.manifests.errors import BappsmithError

from .scores import Statistic, vectors


def weighted(statistic: Statistic, weights: NDArray[np.float64]) -> Statistic:
    """Let every item count `weight` times.

    With weights 1 / probability, a mean becomes the estimator of Hájek (1971), Σ w·s / Σ w: the mean over all items
    that had a chance, estimated from those that were chosen. Its bias is of the order 1 / number of chosen items.

    Args:
        statistic: a function from counts of items, see `Statistic`.
        weights: at least 0, shape (N,).
    """
    return lambda counts: statistic(counts * weights)


def inverse_weights(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return 1 / probability of every chosen item, scaled to mean 1, shape (N,).

    Args:
        probabilities: of the chosen items, shape (N,), in (0, 1].

    Raises:
        BappsmithError: a probability is missing or not in (0, 1].

    Examples:
        >>> inverse_weights([0.5, 0.25]).tolist()
        [0.6666666666666666, 1.3333333333333333]
    """
    (values,) = vectors(probabilities=np.nan_to_num(np.asarray(probabilities, np.float64), nan=-1.0))
    wrong = np.flatnonzero(~((values > 0) & (values <= 1)))
    if len(wrong):
        raise BappsmithError(
            f"inverse weights: item {wrong[0]} has no probability in (0, 1], so scores on the selection cannot be "
            "corrected; give a selection with probabilities"
        )
    return (1 / values) / (1 / values).mean() if len(values) else values


def effective_count(weights: NDArray[np.float64]) -> float:
    """Return (Σ w)² / Σ w²: as many items of equal weight give a mean with the same standard error (Kish 1965).

    Examples:
        >>> effective_count(np.array([1.0, 1.0, 1.0, 3.0]))
        3.0
    """
    return float(weights.sum() ** 2 / np.square(weights).sum())
