"""Find the triplets that a metric got wrong by the largest margin, and show them in the viewer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.viewer.items import ViewerItems, origins

from .evaluation import Evaluation
from .scores import two_afc_scores


def worst_mistakes(evaluation: Evaluation, metric: str, count: int) -> list[ViewerItems]:
    """Return the worst mistakes of a metric on every 2AFC subset: lost votes times the difference of distances.

    Args:
        evaluation: with the distances of the metric.
        metric: name of the metric.
        count: number of triplets per subset, at most.

    Returns:
        Items of the subsets with mistakes, with the distances of all metrics; `metric` is the first.
    """
    found = []
    for name, subset in evaluation.subsets.items():
        if subset.kind != "2afc":
            continue
        d0, d1 = evaluation.distances[name, metric]
        judge = subset.labels.numpy()
        lost = np.maximum(judge, 1 - judge) - two_afc_scores(d0, d1, judge)
        order = np.argsort(-lost * np.abs(d0 - d1), kind="stable")[:count]
        order = np.sort(order[lost[order] > 0])
        if len(order):
            names = [metric, *(other for other in evaluation.metrics if other != metric)]
            distances = {
                other: tuple(values[order] for values in evaluation.distances[name, other])
                for other in names
                if (name, other) in evaluation.distances
            }
            found.append(_items(name, subset, order, distances))
    return found


def _items(
    name: str, subset: PackedSubset, order: NDArray[np.intp], distances: dict[str, tuple[NDArray[np.float32], ...]]
) -> ViewerItems:
    stems = [subset.stems[position] for position in order.tolist()]
    photos, chains, replay = [], [], ""
    if subset.sealed is not None:
        photos, chains = origins(subset.sealed, [int(stem) for stem in stems])
        root = subset.sealed.root.removesuffix(f"/{subset.sealed.name}")
        replay = shlex.join(["bappsmith", "replay", root, subset.sealed.name])
    judgments = Labelling(
        "judgment",
        subset.labels.numpy()[order].astype(np.float64),
        subset.votes.numpy()[order].astype(np.int32),
        ("",) * len(order),
    )
    return ViewerItems(
        subset=name,
        kind=subset.kind,
        total=len(subset),
        side=subset.pixels.shape[2],
        stems=stems,
        pictures=partial(_pictures, subset, order),
        photos=photos,
        chains=chains,
        labellings=[judgments],
        distances=distances,
        replay=replay,
    )


def _pictures(subset: PackedSubset, order: NDArray[np.intp]) -> Iterator[list[NDArray[np.uint8]]]:
    for position in order.tolist():
        yield list(subset.pixels[position].numpy())
