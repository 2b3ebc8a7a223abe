"""Items on which metrics contradict each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLIP = 3.0
"""Preferences count up to this many standard deviations of an observer. Chosen here."""


def disagreement(preferences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how strongly the weaker side contradicts: min(Σ of preferences for p1, Σ of those for p0) / M.

    It is 0 where all metrics take the same side, whatever their strength. Where they do, votes cannot tell them apart.

    Args:
        preferences: standardised preferences, see `preferences`, shape (N, M), M at least 2.

    Returns:
        Shape (N,), in [0, 1.5].
    """
    clipped = np.clip(preferences, -CLIP, CLIP)
    return np.minimum(np.maximum(clipped, 0).sum(axis=1), np.maximum(-clipped, 0).sum(axis=1)) / preferences.shape[1]
