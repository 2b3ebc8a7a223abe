"""How often people agree with each other, from the votes themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def human_score(shares: NDArray[np.float64], votes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return how often two different votes of an item agree: (k (k - 1) + (n - k) (n - k - 1)) / (n (n - 1)).

    With a probability p of a vote, its expectation is p² + (1 - p)² for any number of votes: nobody agrees with
    themselves. The human score of BAPPS, (k/n)² + (1 - k/n)², lets every voter do so, and is higher.

    Args:
        shares: k / n, shape (N,).
        votes: n, shape (N,).

    Returns:
        Shape (N,); NaN where there are fewer than two votes.

    Examples:
        >>> human_score(np.array([0.6, 1.0]), np.array([5, 2], np.int32)).tolist()
        [0.4, 1.0]
    """
    n = np.where(votes > 1, votes, np.nan)
    k = np.round(shares * votes)
    return (k * (k - 1) + (n - k) * (n - k - 1)) / (n * (n - 1))
