"""Score metrics on people's scores of distorted images (protocol `mos`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.decode import decode_image
from bappsmith.lpips.data.mos.mos_set import MosSet
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under

from .baselines import Metric
from .bootstrap import crossed_bootstrap, interval
from .breakdown import By, PartScore
from .compare import compare
from .correlation import krocc_statistic, srocc_statistic
from .evaluation import CORRELATIONS, Evaluation, Score
from .logistic import fit_logistic, plcc_statistic
from .pair_accuracy import PairSums, pair_statistic, pair_sums, pairs_with
from .scores import Statistic

MIN_GAP = 0.5
"""Pairs count if their scores differ by more than this many standard deviations of the set. Chosen by us."""
Resampled = dict[tuple[str, str, str], NDArray[np.float64]]
"""(subset, protocol, metric) → scores of bootstrap samples."""


def score_mos(
    evaluation: Evaluation,
    name: str,
    scored: MosSet,
    metrics: Mapping[str, Metric],
    *,
    min_gap: float = MIN_GAP,
    resamples: int = 1000,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> Resampled:
    """Add the scores of metrics on a set of people's scores to an evaluation.

    Images keep their size: nothing is resized or cropped.

    Args:
        evaluation: to add to.
        name: of the set in the evaluation.
        scored: the set.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        min_gap: pairs count if their scores differ by more than this many standard deviations of the set.
        resamples: number of bootstrap resamples.
        device: see `find_device`.
        progress: called with (set, images done, all images).

    Returns:
        The scores of bootstrap samples, over references and types.

    Raises:
        BappsmithError: an image cannot be read or has another size than its reference, or a metric gives NaN.
    """
    evaluation.mos[name] = scored
    columns = _distances(name, scored, metrics, device, progress)
    damage = scored.damage
    references = _numbers([str(item.reference) for item in scored.items])
    types = _numbers([item.type for item in scored.items])
    least = min_gap * float(damage.std())
    everything = np.ones((1, len(scored)))
    statistics: dict[tuple[str, str, str], Statistic] = {}
    sums: dict[str, PairSums] = {}
    for metric, distance in columns.items():
        evaluation.distances[name, metric] = (distance.astype(np.float32),)
        fit = fit_logistic(distance, damage)
        if fit.straight:
            evaluation.notes.append(f"{name}: PLCC of {metric} is after a straight line, as no logistic fit is nearer")
        sums[metric] = pair_sums(distance, damage, references, least)
        statistics[name, "SROCC", metric] = srocc_statistic(distance, damage)
        statistics[name, "KROCC", metric] = krocc_statistic(distance, damage)
        statistics[name, "PLCC", metric] = plcc_statistic(fit, damage)
        statistics[name, "pairs", metric] = pair_statistic(sums[metric])
    drawn = crossed_bootstrap([references, types], statistics, resamples=resamples)
    pairs = int(next(iter(sums.values()))(everything)[1][0])
    evaluation.notes.append(
        f"{name}: pairs are of one reference, with scores more than {least:.3g} apart ({min_gap:g} standard deviations)"
    )
    for protocol in (*CORRELATIONS, "pairs"):
        for metric in metrics:
            key = (name, protocol, metric)
            ends = interval(drawn[key])
            score = float(statistics[key](everything)[0])
            count = pairs if protocol == "pairs" else len(scored)
            evaluation.scores.append(Score(name, metric, protocol, count, score, ends.low, ends.high))
    evaluation.parts += _parts(name, scored, statistics, sums)
    return drawn


def _distances(
    name: str,
    scored: MosSet,
    metrics: Mapping[str, Metric],
    device: str | torch.device | None,
    progress: Progress | None,
) -> dict[str, NDArray[np.float64]]:
    pairs = {str(number): (item.reference, item.distorted) for number, item in enumerate(scored.items)}
    read = lru_cache(maxsize=2)(decode_image)  # the reference of the pair before, and its distorted image
    compared = compare(pairs, metrics, read, device=device, progress=under(name, progress))
    columns = {metric: np.array([row.distances[metric] for row in compared]) for metric in metrics}
    for metric, distance in columns.items():
        wrong = np.flatnonzero(~np.isfinite(distance))
        if len(wrong):
            raise BappsmithError(
                f"metric {metric} gives no distance for {scored.items[wrong[0]].distorted}, and for {len(wrong):,} "
                f"images of {name} in total; leave out this metric, or these images"
            )
    return columns


def _parts(
    name: str,
    scored: MosSet,
    statistics: Mapping[tuple[str, str, str], Statistic],
    sums: Mapping[str, PairSums],
) -> Iterator[PartScore]:
    """Score the images of each type and level. Pairs are those in which one image or both are of the part."""
    labels: dict[By, list[str]] = {
        "type": [item.type for item in scored.items],
        "level": [item.level for item in scored.items],
    }
    for by, values in labels.items():
        for value in sorted({*values} - {""}):
            members = np.array([one == value for one in values])
            counts = members.astype(np.float64)[None]
            for (_, protocol, metric), statistic in statistics.items():
                if protocol == "pairs":
                    right, total = pairs_with(sums[metric], members)
                    score = right / total if total else float("nan")
                    yield PartScore(name, metric, protocol, by, value, int(total), score)
                else:
                    score = float(statistic(counts)[0])
                    yield PartScore(name, metric, protocol, by, value, int(members.sum()), score)


def _numbers(values: list[str]) -> NDArray[np.intp]:
    return np.unique(values, return_inverse=True)[1]
