"""Score metrics on labelled pairs of a query and a candidate (protocol `retrieval`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.retrieval.pair_set import PairSet
from bappsmith.lpips.data.square import SIZE, to_square
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under

from .all_pairs import all_pairs
from .areas import average_precision_statistic, roc_auc_statistic
from .baselines import Metric
from .bootstrap import crossed_bootstrap, interval
from .compare import compare
from .evaluation import Evaluation, Score
from .ranking import Distances, Marks, hit_rate, precision, reciprocal_rank
from .scores import Statistic, mean_statistic

KS = (5, 9)
"""Default numbers of nearest candidates that count: those of the published code of VSD (Barkan et al. 2023)."""
CACHE_BYTES = 2**28
"""Scaled images that are kept in memory, bytes: 1,783 images of 224×224 px."""
RANKINGS: dict[str, Callable[[Distances, Marks, int], float]] = {
    "HR": hit_rate,
    "MRR": reciprocal_rank,
    "P": precision,
}
Resampled = dict[tuple[str, str, str], NDArray[np.float64]]
"""(set, protocol, metric) → scores of bootstrap samples."""


@dataclass(frozen=True)
class Retrieval:
    """Labelled pairs, and how to score on them.

    Attributes:
        pairs: with votes.
        read: function from a path to uint8 H×W×3 RGB.
        gallery: names of all images to rank for every query; empty: only judged candidates are ranked.
        ks: numbers of nearest candidates that count.
        size: all images are scaled to this many px in width and height, see `to_square`.
    """

    pairs: PairSet
    read: Callable[[Path], Pixels]
    gallery: Sequence[str] = ()
    ks: Sequence[int] = KS
    size: int = SIZE

    def reader(self) -> Callable[[str], Pixels]:
        """Return a function from the name of an image to its scaled pixels. It keeps `CACHE_BYTES` of them."""

        def read(name: str) -> Pixels:
            return to_square(self.read(self.pairs.root / name), self.size)

        return lru_cache(maxsize=max(2, CACHE_BYTES // (3 * self.size**2)))(read)


def score_retrieval(
    evaluation: Evaluation,
    name: str,
    retrieval: Retrieval,
    metrics: Mapping[str, Metric],
    *,
    resamples: int = 1000,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> Resampled:
    """Add the scores of metrics on labelled pairs to an evaluation.

    ROC-AUC and PR-AUC are over all judged pairs together. HR@k, MRR@k and P@k are means over the queries that have a
    similar candidate; only judged candidates are ranked. With a gallery, all its images are ranked as well, unjudged
    ones count as not similar, and judged@k says how many of the k nearest were judged. Intervals are over queries.

    Args:
        evaluation: to add to.
        name: of the set in the evaluation.
        retrieval: what to score on.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances; the query comes first.
        resamples: number of bootstrap resamples.
        device: see `find_device`.
        progress: called with (set, pairs done, all pairs).

    Returns:
        The scores of bootstrap samples, but those of judged@k.

    Raises:
        BappsmithError: no pair is similar, or none different; an image cannot be read; or a metric gives NaN.
    """
    evaluation.retrieval[name] = retrieval
    judged = _Judged(retrieval.pairs)
    read = retrieval.reader()
    distances = _distances(name, judged, metrics, read, device, progress)
    for metric, distance in distances.items():
        evaluation.distances[name, metric] = (distance.astype(np.float32),)
    evaluation.notes += judged.notes(name, retrieval)
    resampled: Resampled = {}

    def add(protocol: str, metric: str, count: int, score: float, drawn: NDArray[np.float64]) -> None:
        ends = interval(drawn)
        evaluation.scores.append(Score(name, metric, protocol, count, score, ends.low, ends.high))
        resampled[name, protocol, metric] = drawn

    weights = judged.weights
    areas: dict[tuple[str, str], Statistic] = {}
    for metric, distance in distances.items():
        for protocol, make in (("ROC-AUC", roc_auc_statistic), ("PR-AUC", average_precision_statistic)):
            areas[protocol, metric] = statistic = make(distance, judged.similar)
            if weights is not None:
                areas[f"{protocol} weighted", metric] = _weighted(statistic, weights)
    drawn = crossed_bootstrap([judged.query], areas, resamples=resamples)
    everything = np.ones((1, len(judged.similar)))
    for protocol in dict.fromkeys(protocol for protocol, _ in areas):
        for metric in metrics:
            key = protocol, metric
            add(*key, len(judged.similar), float(areas[key](everything)[0]), drawn[key])
    ranked = _ranked(judged, distances, retrieval.ks)
    if retrieval.gallery:
        ranked |= _ranked_gallery(name, judged, retrieval, metrics, read, device, progress)
    means = {key: mean_statistic(values) for key, values in ranked.items()}
    drawn = crossed_bootstrap([np.arange(len(judged.with_similar))], means, resamples=resamples)
    for (protocol, metric), values in ranked.items():
        add(protocol, metric, len(values), float(np.mean(values)), drawn[protocol, metric])
    return {key: values for key, values in resampled.items() if not key[1].startswith("judged")}


class _Judged:
    """The pairs of a set that a majority judged, ordered by query."""

    def __init__(self, pairs: PairSet) -> None:
        self.pairs = sorted((pair for pair in pairs.pairs if pair.similar is not None), key=lambda pair: pair.query)
        self.left_out = len(pairs) - len(self.pairs)
        self.similar = np.array([bool(pair.similar) for pair in self.pairs], bool)
        for kind, count in (("similar", self.similar.sum()), ("different", (~self.similar).sum())):
            if not count:
                raise BappsmithError(
                    f"{pairs.path}: no pair is {kind} by most votes, among {len(self.pairs):,} judged ones; retrieval "
                    "needs similar and different pairs"
                )
        self.queries, self.query = np.unique([pair.query for pair in self.pairs], return_inverse=True)
        self.root = pairs.root
        starts = np.searchsorted(self.query, np.arange(len(self.queries) + 1))
        slices = [slice(start, end) for start, end in pairwise(starts)]
        self.with_similar = {
            str(query): part for query, part in zip(self.queries, slices, strict=True) if self.similar[part].any()
        }
        """Query that has a similar candidate → its pairs."""

    @property
    def weights(self) -> NDArray[np.float64] | None:
        """Inverse probabilities of inclusion; None if one is unknown, or all are equal."""
        values = [pair.inclusion for pair in self.pairs]
        known = [value for value in values if value is not None]
        return None if len(known) < len(values) or len(set(known)) == 1 else 1 / np.array(known)

    def notes(self, name: str, retrieval: Retrieval) -> Iterator[str]:
        """Say what a reader of the scores must know."""
        side = f"{retrieval.size}×{retrieval.size}"
        yield f"{name}: images were scaled to {side} px, whatever their aspect ratio"
        share = 100 * self.similar.mean()
        left_out = f"; {self.left_out:,} without a majority were left out" if self.left_out else ""
        yield (
            f"{name}: {len(self.pairs):,} judged pairs, {share:.1f} % similar, which is the PR-AUC of a random "
            f"order{left_out}"
        )
        without = len(self.queries) - len(self.with_similar)
        if without:
            yield f"{name}: {without:,} of {len(self.queries):,} queries have no similar candidate: not in HR, MRR, P"
        counts = np.array([part.stop - part.start for part in self.with_similar.values()])
        for k in retrieval.ks:
            few = int((counts <= k).sum())
            if few:
                yield (
                    f"{name}: {few:,} of {len(counts):,} queries have at most {k} judged candidates: HR@{k} over "
                    "judged pairs is 100 % for them, whatever the metric"
                )
        if self.weights is not None:
            yield f"{name}: weighted areas estimate those over all pairs, by inverse probabilities of inclusion"


def _weighted(statistic: Statistic, weights: NDArray[np.float64]) -> Statistic:
    return lambda counts: statistic(counts * weights)


def _distances(
    name: str,
    judged: _Judged,
    metrics: Mapping[str, Metric],
    read: Callable[[str], Pixels],
    device: str | torch.device | None,
    progress: Progress | None,
) -> dict[str, NDArray[np.float64]]:
    pairs = {str(k): (Path(pair.query), Path(pair.candidate)) for k, pair in enumerate(judged.pairs)}
    compared = compare(
        pairs, metrics, lambda path: read(path.as_posix()), device=device, progress=under(name, progress)
    )
    columns = {metric: np.array([row.distances[metric] for row in compared]) for metric in metrics}
    for metric, distance in columns.items():
        wrong = np.flatnonzero(~np.isfinite(distance))
        if len(wrong):
            pair = judged.pairs[wrong[0]]
            raise BappsmithError(
                f"metric {metric} gives no distance for {pair.query} and {pair.candidate}, and for {len(wrong):,} "
                f"pairs of {name} in total; leave out this metric, or these pairs"
            )
    return columns


def _ranked(
    judged: _Judged, distances: Mapping[str, NDArray[np.float64]], ks: Sequence[int]
) -> dict[tuple[str, str], list[float]]:
    """Score the ranking of judged candidates: (protocol, metric) → one value per query that has a similar one."""
    return {
        (f"{protocol}@{k}", metric): [
            score(distance[part], judged.similar[part], k) for part in judged.with_similar.values()
        ]
        for k in ks
        for protocol, score in RANKINGS.items()
        for metric, distance in distances.items()
    }


def _ranked_gallery(
    name: str,
    judged: _Judged,
    retrieval: Retrieval,
    metrics: Mapping[str, Metric],
    read: Callable[[str], Pixels],
    device: str | torch.device | None,
    progress: Progress | None,
) -> dict[tuple[str, str], list[float]]:
    """Score the ranking of the whole gallery, as `_ranked` does, with judged@k.

    The query itself is left out, and unjudged images with the same pixels.
    """
    contents: dict[str, bytes] = {}

    def hashed(image: str) -> Pixels:
        pixels = read(image)
        contents[image] = hashlib.sha256(pixels.tobytes()).digest()
        return pixels

    gallery = sorted({*retrieval.gallery, *(pair.candidate for pair in judged.pairs)})
    position = {image: k for k, image in enumerate(gallery)}
    scores: dict[tuple[str, str], list[float]] = {
        (f"{protocol}@{k}{' gallery' * (protocol != 'judged')}", metric): []
        for k in retrieval.ks
        for protocol in (*RANKINGS, "judged")
        for metric in metrics
    }
    queries = list(judged.with_similar)
    blocks = all_pairs(queries, gallery, metrics, hashed, device=device, progress=under(f"{name}, gallery", progress))
    for block in blocks:
        for row, query in enumerate(block.queries):
            part = judged.with_similar[query]
            places = [position[pair.candidate] for pair in judged.pairs[part]]
            marked, similar = np.zeros((2, len(gallery)), bool)
            marked[places], similar[places] = True, judged.similar[part]
            others = marked | np.array([contents[image] != contents[query] for image in gallery])
            for metric, distances in block.distances.items():
                distance = distances[row][others]
                if not np.isfinite(distance).all():
                    raise BappsmithError(
                        f"metric {metric} gives no distance for {query} and some image of {name}; leave out this metric"
                    )
                for k in retrieval.ks:
                    for protocol, score in RANKINGS.items():
                        scores[f"{protocol}@{k} gallery", metric].append(score(distance, similar[others], k))
                    scores[f"judged@{k}", metric].append(precision(distance, marked[others], k))
    return scores
