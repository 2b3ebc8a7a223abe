"""Items whose votes tell most about which metric is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, ndtr


def entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of a choice between two, in bits, for probabilities p of any shape."""
    return (entr(p) + entr(1 - p)) / np.log(2)


def information(preferences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mutual information of one vote and the question which metric people follow, in bits.

    H(mean of p) - mean of H(p), with p = Φ(x) of every metric, all equally probable before (BALD: Houlsby et al. 2011).
    It is 0 where all metrics expect the same share of votes, also where that is 1/2: such a vote is only noise.

    Args:
        preferences: standardised preferences x, see `preferences`, shape (N, M), M at least 2.

    Returns:
        Shape (N,), in [0, 1].
    """
    p = ndtr(preferences)
    return np.maximum(entropy(p.mean(axis=1)) - entropy(p).mean(axis=1), 0)
