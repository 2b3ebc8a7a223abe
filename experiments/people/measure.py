"""How well distances order cells as people's mean scores do: shares of pairs, rank correlation, bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from kadid_types import TYPES
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import spearmanr

Array = NDArray[np.float64]

GAP = 0.5
"""Pairs whose means differ by no more than this (of 1 to 5) are not counted: people hardly agree on them."""

FOLDS: tuple[tuple[str, ...], ...] = tuple(TYPES[fold::4] for fold in range(4))
"""Four folds of types. The rule: every fourth type in KADID-10k's order, where families stand together, so that each
fold has a part of every family with four types or more, and no fold has two of a smaller one."""


def same_fold() -> NDArray[np.bool_]:
    """Tell which pairs of types are both in one fold; shape (24, 24)."""
    fold = np.array([next(number for number, names in enumerate(FOLDS) if name in names) for name in TYPES])
    return fold[:, None] == fold[None, :]


@dataclass(frozen=True)
class Pairs:
    """Counts of ordered pairs of cells, for each photograph and pair of types.

    Attributes:
        right: pairs in people's order, equal distances count half; shape (photographs, types, types), symmetric.
        total: pairs of different types whose means differ by more than `GAP`; shape (types, types), symmetric.
    """

    right: Array
    total: Array

    def share(self, photos: Array | None = None, types: Array | None = None) -> Array:
        """Compute the percentage of pairs in people's order.

        Args:
            photos: how often each photograph counts, shape (draws, photographs); None: once each.
            types: how often each type counts, shape (draws, types); None: once each.

        Returns:
            Percentages, shape (draws,), of one draw if both are None; NaN where a draw has no pair.
        """
        photo_counts = np.ones((1, len(self.right))) if photos is None else photos
        type_counts = np.ones((1, len(self.total))) if types is None else types
        of_photos = np.tensordot(photo_counts, self.right, axes=1)
        right = np.einsum("di,dij,dj->d", type_counts, of_photos, type_counts)
        total = np.einsum("di,ij,dj->d", type_counts, self.total, type_counts) * photo_counts.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return 100 * right / total


def count_pairs(distances: Array, means: Array, among: NDArray[np.bool_] | None = None) -> Pairs:
    """Count the pairs that distances order as the means do.

    Args:
        distances: of distorted from reference, shape (photographs, types, levels); larger is less similar.
        means: people's scores, shape (types, levels); larger is more similar.
        among: pairs of types to count, symmetric, shape (types, types); None: all. For a metric trained once a fold of
            left-out types, take the distances of each type from the training that left it out, and `same_fold()`.
    """
    types = len(means)
    difference = means[:, None, :, None] - means[None, :, None, :]
    counted = (np.abs(difference) > GAP) & ~np.eye(types, dtype=bool)[:, :, None, None]
    if among is not None:
        counted &= among[:, :, None, None]
    right = np.empty((len(distances), types, types))
    for photo, of_photo in enumerate(distances):
        agreement = np.sign(of_photo[None, :, None, :] - of_photo[:, None, :, None]) * np.sign(difference)
        right[photo] = ((1 + agreement) / 2 * counted).sum(axis=(2, 3))
    return Pairs(right, counted.sum(axis=(2, 3)).astype(np.float64))


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def resample(photos: int, types: int, draws: int = 1000, seed: int = 0) -> tuple[Array, Array]:
    """Draw photographs and types with replacement, the same for every metric of one seed.

    Returns:
        How often each photograph and each type was drawn, shapes (draws, photographs) and (draws, types).
    """
    rng = np.random.default_rng(seed)
    return (
        rng.multinomial(photos, np.full(photos, 1 / photos), draws).astype(np.float64),
        rng.multinomial(types, np.full(types, 1 / types), draws).astype(np.float64),
    )


def interval(pairs: Pairs, other: Pairs | None = None, *, draws: int = 1000, seed: int = 0) -> Interval:
    """Compute the percentage of pairs, or its difference to another metric's, with a paired bootstrap interval.

    Args:
        pairs: of the metric.
        other: of the metric to subtract, for the same photographs and types; None: no difference.
        draws: number of bootstrap samples of photographs and types.
        seed: of the samples.
    """
    samples = resample(len(pairs.right), len(pairs.total), draws, seed)
    value, values = pairs.share()[0], pairs.share(*samples)
    if other is not None:
        value, values = value - other.share()[0], values - other.share(*samples)
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return Interval(float(value), float(low), float(high))


def rank_correlation(distances: Array, means: Array) -> float:
    """Compute Spearman's correlation between people's means and the median distance of each cell, negated."""
    return float(spearmanr(-np.median(distances, axis=0).ravel(), means.ravel()).statistic)


def residuals(distances: Array, means: Array, names: Sequence[str] = TYPES) -> dict[str, float]:
    """Compute by how much the metric minds each type more than people do, in points of the mean score.

    The metric's score of a cell is the monotone function of its median distance that is nearest to the means of all
    cells (isotonic regression).

    Returns:
        Type → mean over its levels of people's mean less the metric's score.
    """
    median = np.median(distances, axis=0).ravel()
    order = np.argsort(median, kind="stable")
    predicted = np.empty(median.size)
    predicted[order] = isotonic_regression(means.ravel()[order], increasing=False).x
    return dict(zip(names, (means - predicted.reshape(means.shape)).mean(axis=1).tolist(), strict=True))
