"""All items that people could be asked about, with what metrics and judges prefer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.judging.named_metric import NamedMetric

from .cover import Operators
from .preferences import measure_distances, standardised_preferences

SUREST = 0.999
"""Probabilities of judges are clipped to [1 - SUREST, SUREST]: a rule is certain, and its preference would be infinite.
Chosen here."""


@dataclass(frozen=True)
class Candidates:
    """N items of some subsets of one kind.

    Attributes:
        subsets: the subsets.
        opinions: names of the M metrics and judges.
        preferences: standardised preferences of each, float64 N×M, see `preferences`.
        operators: names of the operators of the two chains of every item.
        photos: number of the photograph of every item, shape (N,).
        asked: whether an item may be asked about, shape (N,): not if both patches have the same pixels.
        fingerprint: of the dataset, hex.
    """

    subsets: tuple[SealedSubset, ...]
    opinions: tuple[str, ...]
    preferences: NDArray[np.float64]
    operators: list[Operators]
    photos: NDArray[np.intp]
    asked: NDArray[np.bool_]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.operators)

    @property
    def expected(self) -> NDArray[np.float64] | None:
        """The mean probability of a vote for p1 (JND: "the same") over all opinions, shape (N,); None without any."""
        return ndtr(self.preferences).mean(axis=1) if self.opinions else None

    def without(self, opinion: str) -> Candidates:
        """Return the same items without one metric or judge."""
        kept = [k for k, name in enumerate(self.opinions) if name != opinion]
        names = tuple(self.opinions[k] for k in kept)
        return Candidates(
            self.subsets,
            names,
            self.preferences[:, kept],
            self.operators,
            self.photos,
            self.asked,
            self.fingerprint,
        )


def find_candidates(
    dataset: Dataset,
    subsets: Sequence[str] = (),
    metrics: Sequence[NamedMetric] = (),
    labels: Sequence[str] = (),
    *,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> Candidates:
    """Collect items, and what metrics and judges prefer.

    Args:
        dataset: a finished dataset.
        subsets: paths, of one kind; none: all 2AFC subsets, or all JND subsets if there is no other.
        metrics: measured on all items.
        labels: names of labellings with probabilities, such as those of a judge; each is an opinion as well.
        progress: called with (items done, all items).
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.

    Raises:
        BappsmithError: a subset or labelling is missing, subsets are of two kinds, a labelling has no probabilities, or
            two opinions have one name.
    """
    chosen = _subsets(dataset, subsets)
    opinions = (*(metric.title for metric in metrics), *labels)
    twice = sorted({name for name in opinions if opinions.count(name) > 1})
    if twice:
        raise BappsmithError(f"select: {twice[0]} is named twice; name every metric and labelling once")
    columns = [_judge_preferences(chosen, name) for name in labels]
    operators: list[Operators] = []
    asked: list[bool] = []
    photos: list[str] = []
    for subset in chosen:
        for batch in subset.batches("operators0", "operators1", "photo", "pixels_p0", "pixels_p1"):
            rows = batch.to_pydict()
            operators += zip(rows["operators0"], rows["operators1"], strict=True)
            photos += rows["photo"]
            asked += [p0 != p1 for p0, p1 in zip(rows["pixels_p0"], rows["pixels_p1"], strict=True)]
    parts = [np.array(columns).reshape(len(columns), len(operators)).T]
    if metrics:
        distances = measure_distances(
            dataset, chosen, metrics, progress=progress, workers=workers, scheduler=scheduler, cluster=cluster
        )
        parts.insert(0, standardised_preferences(distances))
    return Candidates(
        tuple(chosen),
        opinions,
        np.concatenate(parts, axis=1),
        operators,
        np.unique(photos, return_inverse=True)[1].reshape(-1),
        np.array(asked, bool),
        dataset.finished.fingerprint,
    )


def _subsets(dataset: Dataset, names: Sequence[str]) -> list[SealedSubset]:
    if names:
        chosen = [dataset.sealed(name) for name in dict.fromkeys(names)]
    else:
        everything = dataset.subsets()
        chosen = [subset for subset in everything if subset.kind == "2afc"] or everything
    kinds = sorted({subset.kind for subset in chosen})
    if len(kinds) > 1:
        raise BappsmithError(
            f"select: subsets of two kinds, {' and '.join(kinds)}, whose preferences do not compare; choose one kind "
            "with --subset, and run it again for the other"
        )
    return chosen


def _judge_preferences(subsets: Sequence[SealedSubset], name: str) -> NDArray[np.float64]:
    """Return the preferences of a judge, in standard deviations of an observer."""
    parts: list[NDArray[np.float64]] = []
    for subset in subsets:
        probabilities = subset.labels(name).probabilities
        if probabilities is None or np.isnan(probabilities).any():
            raise BappsmithError(
                f"{subset.root}: labelling '{name}' has votes, but no probability for every item; name a labelling of "
                "a judge, such as scale"
            )
        parts.append(ndtri(np.clip(probabilities, 1 - SUREST, SUREST)))
    return np.concatenate(parts)
