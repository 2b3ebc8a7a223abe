"""Score metrics on BAPPS subsets, people's scores, labelled pairs and ramps, with confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.mos.mos_set import MosSet
from bappsmith.lpips.data.pack import Reduction
from bappsmith.lpips.data.subset import PackedSubset, SubsetSource, load_subset
from bappsmith.lpips.device import find_device
from bappsmith.lpips.precision import full_precision
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under

from .baselines import Metric
from .bootstrap import bootstrap, interval, two_sided_p
from .breakdown import break_down
from .distances import distances
from .evaluation import BY_SIZE, HUMAN, MACRO, UNBIASED, Comparison, Evaluation, Score
from .inverse_weights import effective_count, inverse_weights, weighted
from .opinion_scores import MIN_GAP, Resampled, score_mos
from .origin import read_origin
from .ramps import Ladder, score_ramps
from .retrieval import Retrieval, score_retrieval
from .scores import (
    Statistic,
    human_scores,
    jnd_map_statistic,
    mean_statistic,
    two_afc_scores,
    unbiased_human_statistic,
)

_T = TypeVar("_T")
Chosen: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Positions of chosen items in a subset, shape (N,), and the probabilities with which they were chosen, in (0, 1]."""
_REDUCED: dict[Reduction, str] = {
    "exact": "every fourth pixel of the enlarged files was taken",
    "reference": "enlarged files were reduced as the reference code does (antialiased bilinear: a blur)",
}


def evaluate(
    subsets: Sequence[SubsetSource],
    metrics: Mapping[str, Metric],
    *,
    mos: Sequence[MosSet] = (),
    min_gap: float = MIN_GAP,
    retrieval: Sequence[Retrieval] = (),
    ramps: Sequence[Ladder] = (),
    cache: str | Path | None = None,
    reduction: Reduction = "exact",
    families: Mapping[str, str] | None = None,
    selection: Mapping[str, Chosen] | None = None,
    resamples: int = 1000,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Score metrics on subsets, on sets of people's scores, on labelled pairs, and on ramps.

    Args:
        subsets: BAPPS subsets, 2AFC or JND: folders, addresses, or loaded subsets.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        mos: sets of people's scores, see `read_mos`.
        min_gap: pairs of people's scores count if they differ by more than this many standard deviations of the set.
        retrieval: labelled pairs of query and candidate, see `score_retrieval`.
        ramps: photographs distorted with rising severity, see `score_ramps`.
        cache: folder for packed subsets; default: beside each dataset.
        reduction: how to reduce enlarged files, see `pack`.
        families: operator → family, for the breakdown.
        selection: path of a subset, such as 2afc/val/traditional → the items to score on. They count 1 / probability,
            so that scores estimate those on all items. None: all items.
        resamples: number of bootstrap resamples.
        device: see `find_device`.
        progress: called with (subset and metric, items done, all items).

    Raises:
        BappsmithError: a folder is not a BAPPS subset, an image cannot be read, or a metric gives NaN.

    Examples:
        >>> import bappsmith
        >>> from bappsmith.lpips import find_metric
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> made = bappsmith.generate(recipe, "tiny")
        >>> evaluation = bappsmith.evaluate(["tiny/2afc/train/tiny"], {"l2": find_metric("l2")})
        >>> score = next(score for score in evaluation.scores if score.metric == "l2")
        >>> score.protocol, score.count, 0 <= score.low <= score.score <= score.high <= 1
        ('2AFC', 3, True)
    """
    evaluation = Evaluation(metrics=tuple(metrics), families=dict(families or {}))
    device = find_device(device)
    resampled: Resampled = {}
    with all_cores(), full_precision():
        for name, source in _names(subsets).items():
            subset = load_subset(source, cache=cache, reduction=reduction, progress=under(f"pack {name}", progress))
            if subset.enlarged:
                evaluation.notes.append(f"{name}: {_REDUCED[subset.reduction]}")
            weights = None
            if selection is None:
                subset = _judged(evaluation, name, subset)
            else:
                subset, weights = _take(evaluation, name, subset, selection)
            evaluation.subsets[name] = subset
            statistics: dict[str, Statistic] = {}
            for label, metric in metrics.items():
                if isinstance(metric, torch.nn.Module):
                    metric.to(device)
                values = distances(metric, subset, device=device, progress=under(f"{name} {label}", progress))
                _refuse_nan(values, subset, name, label)
                evaluation.distances[name, label] = values
                statistics[label] = _statistic(subset, values)
            origin = read_origin(subset)
            statistics |= _human_statistics(subset, origin is None)
            groups = origin.photo if origin else None
            if weights is not None:
                statistics = {label: weighted(statistic, weights) for label, statistic in statistics.items()}
            drawn = bootstrap(len(subset), statistics, groups=groups, resamples=resamples)
            protocol = "2AFC" if subset.kind == "2afc" else "JND mAP"
            everything = np.ones((1, len(subset)))
            several = int((subset.votes > 1).sum())
            for label, statistic in statistics.items():
                count = several if label == UNBIASED else len(subset)
                resampled[name, protocol, label] = drawn[label]
                score = float(statistic(everything)[0])
                evaluation.scores.append(_score(name, label, protocol, count, score, drawn[label]))
            if origin is not None:
                evaluation.origins[name] = origin
                # A part may have no item with two votes.
                by_item = {label: one for label, one in statistics.items() if label != UNBIASED}
                evaluation.parts += break_down(name, protocol, origin, by_item, families or {})
        for name, scored in _mos_names(mos).items():
            resampled |= score_mos(
                evaluation,
                name,
                scored,
                metrics,
                min_gap=min_gap,
                resamples=resamples,
                device=device,
                progress=progress,
            )
        for name, one in _numbered([str(one.pairs.path) for one in retrieval], retrieval).items():
            resampled |= score_retrieval(
                evaluation, name, one, metrics, resamples=resamples, device=device, progress=progress
            )
        if ramps:
            resampled |= score_ramps(evaluation, ramps, metrics, resamples=resamples, device=device, progress=progress)
    evaluation.scores += _means(evaluation, resampled)
    evaluation.comparisons += _comparisons(evaluation, resampled)
    if len(evaluation.origins) < len(evaluation.subsets):
        evaluation.notes.append(
            "without a manifest, intervals assume independent items, because the photographs are unknown"
        )
    return evaluation


def _judged(evaluation: Evaluation, name: str, subset: PackedSubset) -> PackedSubset:
    """Return the items that have a judgment: where people judged, those with a vote."""
    judged = subset.votes.numpy() > 0
    if not judged.any():  # a rule judged, or nobody
        if len(subset) and not subset.weights.any():
            raise BappsmithError(f"{name}: no item has a judgment; name a labelling that judges them")
        return subset
    if judged.all():
        return subset
    evaluation.notes.append(f"{name}: {np.count_nonzero(~judged):,} items have no judgment and are left out")
    return subset.take(np.flatnonzero(judged))


def _take(
    evaluation: Evaluation, name: str, subset: PackedSubset, selection: Mapping[str, Chosen]
) -> tuple[PackedSubset, NDArray[np.float64]]:
    """Return the chosen items that have a judgment, and their weights."""
    if subset.name not in selection:
        raise BappsmithError(
            f"the selection has no item of {subset.name}, it has items of {', '.join(selection)}; evaluate those"
        )
    positions, probabilities = selection[subset.name]
    if len(positions) and not 0 <= positions.min() <= positions.max() < len(subset):
        raise BappsmithError(
            f"{name} has items 0 to {len(subset) - 1}, the selection names item {positions.max()}; give the "
            "selection of this dataset"
        )
    judged = subset.weights.numpy()[positions] > 0
    if not judged.any():
        raise BappsmithError(
            f"{name}: none of the {len(positions):,} selected items has a judgment; name a labelling that judges them"
        )
    weights = inverse_weights(probabilities[judged])
    evaluation.notes.append(
        f"{name}: {len(weights):,} selected items, weighted by 1 / probability, stand for all {len(subset):,}; they "
        f"tell as much as {effective_count(weights):,.0f} of equal weight"
    )
    if not judged.all():
        evaluation.notes.append(
            f"{name}: {len(judged) - len(weights):,} selected items have no judgment and are left out; the score is "
            "biased if they differ from the others"
        )
    return subset.take(positions[judged]), weights


def _statistic(subset: PackedSubset, distances: tuple[NDArray[np.float32], ...]) -> Statistic:
    labels = subset.labels.numpy()
    if subset.kind == "2afc":
        return mean_statistic(two_afc_scores(distances[0], distances[1], labels))
    return jnd_map_statistic(distances[0], labels)


def _human_statistics(subset: PackedSubset, plain: bool) -> dict[str, Statistic]:
    """Return the scores of people on a 2AFC subset whose votes are not unanimous.

    Args:
        subset: with its judgments.
        plain: whether it has no manifest: shares are then of votes. A manifest says whether a rule judged, whose
            probability is no share of votes.
    """
    labels, several = subset.labels.numpy(), bool((subset.votes > 1).any())
    if subset.kind != "2afc" or not (plain or subset.votes.any()):
        return {}
    if np.isin(labels, (0, 1) if several else (0, 0.5, 1)).all():
        return {}
    statistics = {HUMAN: mean_statistic(human_scores(labels))}
    if several:
        statistics[UNBIASED] = unbiased_human_statistic(labels, subset.votes)
    return statistics


def _refuse_nan(distances: tuple[NDArray[np.float32], ...], subset: PackedSubset, name: str, metric: str) -> None:
    wrong = np.flatnonzero(np.isnan(distances).any(axis=0))
    if len(wrong):
        raise BappsmithError(
            f"metric {metric} gives no distance (NaN) for {subset.stems[wrong[0]]} of {name}, and for {len(wrong):,} "
            "items in total; leave out this metric, or these items"
        )


def _score(subset: str, metric: str, protocol: str, count: int, score: float, drawn: NDArray[np.float64]) -> Score:
    ends = interval(drawn)
    return Score(subset, metric, protocol, count, score, ends.low, ends.high)


def _means(evaluation: Evaluation, resampled: Resampled) -> list[Score]:
    """Average the scores of metrics that have one on all 2AFC subsets. Subsets are resampled independently."""
    by_metric: dict[str, list[Score]] = {}
    for score in evaluation.scores:
        if score.protocol == "2AFC":
            by_metric.setdefault(score.metric, []).append(score)
    most = max(map(len, by_metric.values()), default=0)
    means = []
    for name, weigh in ((MACRO, lambda _: 1.0), (BY_SIZE, lambda score: float(score.count))):
        for metric, scores in by_metric.items():
            if len(scores) == most > 1:
                weights = np.array([weigh(score) for score in scores])
                # The same draws have the same position in every subset. Shifted, they are independent.
                drawn = np.stack([np.roll(resampled[s.subset, s.protocol, metric], k) for k, s in enumerate(scores)])
                value = float(np.average([score.score for score in scores], weights=weights))
                count = sum(score.count for score in scores)
                means.append(_score(name, metric, "2AFC", count, value, np.average(drawn, axis=0, weights=weights)))
    return means


def _comparisons(evaluation: Evaluation, resampled: Resampled) -> list[Comparison]:
    scores = {(score.subset, score.protocol, score.metric): score.score for score in evaluation.scores}
    comparisons = []
    for subset, protocol in dict.fromkeys((subset, protocol) for subset, protocol, _ in resampled):
        for other in evaluation.metrics[:-1]:
            last = evaluation.metrics[-1]
            # Both were resampled with one seed, so with the same items.
            drawn = resampled[subset, protocol, last] - resampled[subset, protocol, other]
            ends, p = interval(drawn), two_sided_p(drawn)
            gap = scores[subset, protocol, last] - scores[subset, protocol, other]
            comparisons.append(Comparison(subset, last, other, protocol, gap, ends.low, ends.high, p))
    return comparisons


def _mos_names(sets: Sequence[MosSet]) -> dict[str, MosSet]:
    """Name sets of people's scores; if not unique, by the path too; else add a number."""
    short = [scored.name for scored in sets]
    names = [one.name if short.count(one.name) == 1 else f"{one.name} in {one.root}" for one in sets]
    return _numbered(names, sets)


def _names(subsets: Sequence[SubsetSource]) -> dict[str, SubsetSource]:
    """Name subsets by the last three parts of their path; if not unique, by the whole path; else add a number."""
    roots = [Path(subset if isinstance(subset, str | Path) else subset.root) for subset in subsets]
    short = ["/".join(root.resolve().parts[-3:]) for root in roots]
    names = [name if short.count(name) == 1 else str(root) for root, name in zip(roots, short, strict=True)]
    return _numbered(names, subsets)


def _numbered(names: Sequence[str], values: Sequence[_T]) -> dict[str, _T]:
    """Map names to values, with a number behind a name that came before."""
    numbered: dict[str, _T] = {}
    for name, value in zip(names, values, strict=True):
        number = 1 + sum(other == name or other.startswith(f"{name} (") for other in numbered)
        numbered[name if number == 1 else f"{name} ({number})"] = value
    return numbered
