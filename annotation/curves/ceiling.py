"""How high a score against these votes can be, estimated from the shares of a labelling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bappsmith.annotation.votes.ceiling import best_score


def ceiling_of_votes(shares: NDArray[np.float64], votes: NDArray[np.int32]) -> float:
    """Estimate the mean of max(p, 1 - p), if p follows a Beta distribution over items.

    Its mean and variance are known without bias from items with at least two votes; see `best_score`.

    Args:
        shares: of votes for p1, shape (N,).
        votes: number of votes, shape (N,).

    Returns:
        In [0.5, 1]; NaN if no item has two votes.
    """
    several = votes > 1
    if not several.any():
        return float("nan")
    n = votes[several].astype(np.float64)
    k = np.round(shares[several] * n)
    mean = float(np.mean(k / n))
    return best_score(mean, float(np.mean(k * (k - 1) / (n * (n - 1)))) - mean**2)
