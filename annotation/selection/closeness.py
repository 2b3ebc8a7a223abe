"""Items that are hard for at least one metric."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr


def closeness(preferences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how near to undecided the most undecided metric is: max over metrics of 4 p (1 - p), with p = Φ(x).

    The maximum is the union of what every metric finds hard. An item that one metric finds easy stays a candidate if
    another does not.

    Args:
        preferences: standardised preferences x, see `preferences`, shape (N, M).

    Returns:
        Shape (N,), in [0, 1]: 1 if two distances are equal, .53 for a metric that expects 84 % of the votes for one
        side.
    """
    p = ndtr(preferences)
    return (4 * p * (1 - p)).max(axis=1)
