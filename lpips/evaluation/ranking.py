"""Scores of one query's ranked candidates. Candidates of equal distance are in every order equally often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.floating]
Marks = NDArray[np.bool_]


def hit_rate(distance: Distances, similar: Marks, k: int) -> float:
    """Compute the probability that one of the k nearest candidates is similar (HR@k).

    Args:
        distance: of the candidates, shape (M,).
        similar: whether each is similar, shape (M,); at least one is.
        k: number of candidates that count.

    Examples:
        >>> hit_rate(np.array([0.1, 0.2, 0.2]), np.array([False, True, False]), 2)
        0.5
    """
    return float(_first_similar(distance, similar, k).sum())


def reciprocal_rank(distance: Distances, similar: Marks, k: int) -> float:
    """Compute the expected reciprocal rank of the nearest similar candidate, 0 beyond rank k; its mean is MRR@k.

    Args:
        distance: see `hit_rate`.
        similar: see `hit_rate`.
        k: see `hit_rate`.

    Examples:
        >>> reciprocal_rank(np.array([0.1, 0.2, 0.3]), np.array([False, True, True]), 5)
        0.5
    """
    probability = _first_similar(distance, similar, k)
    return float((probability / np.arange(1, k + 1)).sum())


def precision(distance: Distances, marked: Marks, k: int) -> float:
    """Compute the expected share of marked candidates among the k nearest (P@k).

    Args:
        distance: of the candidates, shape (M,).
        marked: similar ones, or judged ones, shape (M,).
        k: number of candidates; if there are fewer, the missing ones are not marked.

    Examples:
        >>> precision(np.array([0.1, 0.2, 0.2]), np.array([True, True, False]), 2)
        0.75
    """
    if len(distance) <= k:
        return float(marked.sum() / k)
    last = np.partition(distance, k - 1)[k - 1]
    nearer, tied = distance < last, distance == last
    left = k - nearer.sum()
    return float(((marked & nearer).sum() + left * marked[tied].mean()) / k)


def _first_similar(distance: Distances, similar: Marks, k: int) -> NDArray[np.float64]:
    """Return the probability that the nearest similar candidate is at rank 1, 2, …, k."""
    nearest = distance[similar].min()
    before = int((distance < nearest).sum())
    tied = distance == nearest
    count, hits = int(tied.sum()), int((tied & similar).sum())
    probability, none_yet = np.zeros(k), 1.0
    for drawn in range(min(k - before, count - hits + 1)):
        probability[before + drawn] = none_yet * hits / (count - drawn)
        none_yet *= 1 - hits / (count - drawn)
    return probability
