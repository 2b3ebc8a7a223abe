"""How high a score against votes can be: of the best possible predictor, and of one person against the others.

The 2AFC score of a prediction is the share g of votes that it agrees with, averaged over items.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def predictor_ceiling(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected score of the best predictor, which always says what is more probable: max(p, 1 - p).

    It does not depend on the number of votes, because the score is linear in g.

    Args:
        p: probabilities of a vote for p1, any shape.

    Examples:
        >>> predictor_ceiling(np.array([0.5, 0.2, 1.0])).tolist()
        [0.5, 0.8, 1.0]
    """
    return np.maximum(p, 1 - p)


def human_ceiling(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that two people agree: p² + (1 - p)². One person is expected to score this.

    Args:
        p: probabilities of a vote for p1, any shape.

    Examples:
        >>> human_ceiling(np.array([0.5, 1.0])).tolist()
        [0.5, 1.0]
    """
    return p**2 + (1 - p) ** 2


def published_human_ceiling(p: NDArray[np.float64], votes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the expected human score of BAPPS, g² + (1 - g)², in which everybody also agrees with themselves.

    With n votes it is p² + (1 - p)² + 2 p (1 - p) / n, since the variance of g is p (1 - p) / n.

    Args:
        p: probabilities of a vote for p1, shape (N,).
        votes: number of votes n, shape (N,); 0: the share is p itself, as with endless votes.

    Examples:
        >>> published_human_ceiling(np.array([0.5, 0.5, 0.5]), np.array([1, 2, 0], np.int32)).tolist()
        [1.0, 0.75, 0.5]
    """
    share = np.where(votes > 0, 1 / np.maximum(votes, 1), 0)
    return human_ceiling(p) + 2 * p * (1 - p) * share
