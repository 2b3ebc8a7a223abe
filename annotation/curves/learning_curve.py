"""Learning curves: the score of a metric trained on part of the votes, on photographs of no training."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from bappsmith.annotation.votes.ceiling import ceiling_of_votes
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.manifests.errors import BappsmithError

from .features import Features
from .fit_weights import distances, fit_weights, scale_features
from .power_law import PowerLaw, fit_power_law

HELD_OUT = 0.3
"""Share of the photographs that are held out in every repetition. Chosen here."""
SMALLEST = 50
"""Fewest items of a point. Chosen here."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The score after training on some items with some votes each.

    Attributes:
        items: number of items.
        votes: votes per item; 0: the judgment itself, of a rule.
        score: mean 2AFC score over the repetitions, against all votes of held-out items, in [0, 1].
        low: lower end of its 95 % interval.
        high: upper end.
        error: its standard error.
    """

    items: int
    votes: int
    score: float
    low: float
    high: float
    error: float


@dataclass(frozen=True)
class Curve:
    """Scores over numbers of items and of votes.

    Attributes:
        points: by votes per item, then by items.
        untrained: the score without training, with all features alike.
        ceiling: the best possible score, estimated from the votes; NaN if unknown.
        seeds: number of repetitions.
        laws: votes per item → fit to its points.
    """

    points: tuple[CurvePoint, ...]
    untrained: CurvePoint
    ceiling: float
    seeds: int
    laws: dict[int, PowerLaw] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; None for an unknown ceiling."""
        return {
            "points": [asdict(point) for point in self.points],
            "untrained": asdict(self.untrained),
            "ceiling": None if math.isnan(self.ceiling) else self.ceiling,
            "seeds": self.seeds,
            "laws": {
                str(votes): {
                    "limit": law.limit,
                    "gain": law.gain,
                    "exponent": law.exponent,
                    "twice": [law(2 * most), *law.interval(2 * most)],
                    "four_times": [law(4 * most), *law.interval(4 * most)],
                }
                for votes, law in self.laws.items()
                for most in [max(point.items for point in self.points if point.votes == votes)]
            },
        }


def learning_curve(
    features: Features,
    shares: NDArray[np.float64],
    votes: NDArray[np.int32],
    photos: NDArray[np.intp],
    *,
    sizes: Sequence[int] = (),
    votes_per_item: Sequence[int] = (),
    seeds: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> Curve:
    """Train on more and more items and votes, and score on held-out photographs.

    In every repetition 30 % of the photographs are held out. Of the others' items, the first n of a random order are
    used, with v of their votes drawn without replacement; larger n contain smaller ones. The interval of a mean score
    takes the overlap of repetitions into account: variance (1/R + tested/trained) · s² (Nadeau and Bengio 2003).

    Args:
        features: of N items.
        shares: of votes for p1, in [0, 1], shape (N,).
        votes: number of votes, shape (N,); 0 everywhere: the shares are probabilities of a rule.
        photos: number of the photograph of every item, shape (N,).
        sizes: numbers of items; none: doubled from 50 on, up to all.
        votes_per_item: numbers of votes; none: 1, 2, 3, 5 … up to the least of the items.
        seeds: number of repetitions, at least 2.
        progress: called with (fits done, all fits).

    Raises:
        BappsmithError: there are too few items, photographs or votes for a curve.
    """
    if seeds < 2:
        raise BappsmithError(f"a learning curve needs at least 2 repetitions, found {seeds}")
    by_rule = not votes.any()
    judged = np.flatnonzero((votes > 0) | by_rule)
    names = np.unique(photos[judged])
    if len(names) < 4:
        raise BappsmithError(
            f"a learning curve holds out photographs, and the judged items show {len(names)}; judge items of at least 4"
        )
    most_votes = 0 if by_rule else int(votes[judged].min())
    levels = sorted(set(votes_per_item)) or ([0] if by_rule else [v for v in (1, 2, 3, 5, 10) if v <= most_votes])
    if not by_rule and not 1 <= levels[0] <= levels[-1] <= most_votes:
        raise BappsmithError(f"every judged item has at least {most_votes} votes, asked for curves over {levels[-1]}")
    scaled = scale_features(features.values)
    splits = [_split(judged, photos, names, seed) for seed in range(seeds)]
    limit = min(len(train) for train, _ in splits)
    counts = _counts(sizes, limit)
    scores = np.empty((len(levels), len(counts), seeds))
    untrained = np.empty(seeds)
    plain = np.ones(len(features.groups))
    for seed, (train, test) in enumerate(splits):
        untrained[seed] = _score(scaled[test], plain, shares[test])
        for row, level in enumerate(levels):
            drawn = _draw(shares[train], votes[train], level, seed)
            for column, count in enumerate(counts):
                used = train[:count]
                weights = fit_weights(
                    scaled[used], drawn[:count], np.full(count, max(level, 1.0), np.float64), features.groups
                )
                scores[row, column, seed] = _score(scaled[test], weights, shares[test])
                if progress:
                    progress(int(seed * scores[..., 0].size + row * len(counts) + column + 1), scores.size)
    ratio = float(np.mean([len(test) / len(train) for train, test in splits]))
    points = [
        _point(count, level, scores[row, column], ratio)
        for row, level in enumerate(levels)
        for column, count in enumerate(counts)
    ]
    laws: dict[int, PowerLaw] = {}
    for level in levels:
        own = [point for point in points if point.votes == level]
        errors = np.maximum([point.error for point in own], 1e-4)
        law = fit_power_law(np.array(counts, np.float64), np.array([point.score for point in own]), errors)
        if law is not None:
            laws[level] = law
    if by_rule:
        ceiling = float(np.maximum(shares, 1 - shares).mean())
    else:
        ceiling = ceiling_of_votes(shares[judged], votes[judged])
    return Curve(tuple(points), _point(0, 0, untrained, ratio), ceiling, seeds, laws)


def _split(
    judged: NDArray[np.intp], photos: NDArray[np.intp], names: NDArray[np.intp], seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return items to train on, in random order, and items of held-out photographs."""
    rng = np.random.default_rng([seed, 1])
    held_out = rng.permutation(names)[: max(1, round(HELD_OUT * len(names)))]
    tested = np.isin(photos[judged], held_out)
    return rng.permutation(judged[~tested]), judged[tested]


def _counts(sizes: Sequence[int], limit: int) -> list[int]:
    if sizes:
        counts = sorted(set(sizes))
        if not 1 <= counts[0] <= counts[-1] <= limit:
            raise BappsmithError(
                f"after holding out photographs, {limit:,} judged items are left to train on; asked for sizes "
                f"{counts[0]} to {counts[-1]}"
            )
        return counts
    if limit < SMALLEST:
        raise BappsmithError(
            f"after holding out photographs, {limit} judged items are left to train on; a curve starts at {SMALLEST}; "
            "collect votes on more items"
        )
    doubled = [SMALLEST * 2**k for k in range(int(math.log2(limit / SMALLEST)) + 1)]
    return [count for count in doubled if count * 1.3 < limit] + [limit]


def _draw(shares: NDArray[np.float64], votes: NDArray[np.int32], level: int, seed: int) -> NDArray[np.float64]:
    """Draw `level` votes of every item without replacement, and return the shares for p1; 0: the shares themselves."""
    if level == 0:
        return shares
    rng = np.random.default_rng([seed, level, 2])
    for_p1 = np.round(shares * votes).astype(np.int64)
    return rng.hypergeometric(for_p1, votes - for_p1, level) / level


def _score(features: NDArray[np.float32], weights: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    return float(two_afc_scores(*distances(features, weights), shares).mean())


def _point(items: int, votes: int, scores: NDArray[np.float64], ratio: float) -> CurvePoint:
    """Summarise the repetitions; see `learning_curve`."""
    mean, spread = float(scores.mean()), float(scores.std(ddof=1))
    error = spread * math.sqrt(1 / len(scores) + ratio)
    reach = float(student.ppf(0.975, len(scores) - 1)) * error
    return CurvePoint(items, votes, mean, mean - reach, mean + reach, error)
