"""How high a score against these votes can be, estimated from the votes alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

from bappsmith.pipeline.judging.ceiling import human_score


def ceiling_of_votes(shares: NDArray[np.float64], votes: NDArray[np.int32]) -> float:
    """Estimate the mean of max(p, 1 - p) from votes, if p follows a symmetric Beta distribution over items.

    Two different votes of an item agree with probability p² + (1 - p)², and how often they do is known without bias
    from two votes per item (`human_score`). For p from Beta(a, a) the mean is (a + 1) / (2a + 1), which gives a, and
    the mean of max(p, 1 - p) is the probability of Beta(a + 1, a) above 1/2.

    Args:
        shares: of votes for p1, shape (N,).
        votes: number of votes, shape (N,).

    Returns:
        In [0.5, 1]; NaN if no item has two votes.
    """
    agree = human_score(shares, votes)
    if np.isnan(agree).all():
        return float("nan")
    mean = float(np.nanmean(agree))
    if mean <= 0.5:
        return 0.5
    if mean >= 1:
        return 1.0
    a = (1 - mean) / (2 * mean - 1)
    return float(betaincc(a + 1, a, 0.5))
