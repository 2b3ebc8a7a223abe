"""Scores of metrics on BAPPS subsets, beside each other, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.pack import Reduction
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.model.checkpoint import read_facts
from bappsmith.manifests.progress import Progress, under

from .baselines import Metric
from .breakdown import PartScore, break_down
from .distances import distances
from .origin import Origin, read_origin
from .scores import bootstrap, human_scores, interval, jnd_map, two_afc_scores, two_sided_p

HUMAN = "human"
MACRO, BY_SIZE = "mean of subsets", "mean of items"
"""The two means over 2AFC subsets: "All" of Zhang et al. 2018, Table 5, is the first."""


@dataclass(frozen=True)
class Score:
    """One metric on one subset, or its mean over several.

    Attributes:
        subset: such as 2afc/val/traditional; or `MACRO` or `BY_SIZE`.
        metric: its name; "human" is the score of one human against the others.
        protocol: "2AFC" or "JND mAP".
        count: number of items.
        score: in [0, 1].
        low: lower end of the 95 % interval (percentile bootstrap; of photographs where a manifest names them).
        high: upper end.
    """

    subset: str
    metric: str
    protocol: str
    count: int
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """The score of one metric less that of another on the same items.

    Attributes:
        subset: its name.
        metric: the one.
        other: the other.
        gap: difference of scores.
        low: lower end of its paired 95 % interval.
        high: upper end.
        p: p-value of "no difference" (see `scores.two_sided_p`).
    """

    subset: str
    metric: str
    other: str
    gap: float
    low: float
    high: float
    p: float


@dataclass
class Evaluation:
    """Every metric on every subset.

    Attributes:
        scores: subset by subset, metrics in the order they were named; means over 2AFC subsets at the end.
        comparisons: of the last metric with every other, subset by subset.
        parts: scores by operator, family and severity gap, of subsets with a manifest.
        notes: what a reader must know, such as patches that were reduced from enlarged files.
        subsets: the data, by name.
        origins: where items come from, of subsets with a manifest.
        distances: (subset, metric) → distances; 2AFC: (d0, d1), JND: (d,); float32, shape (N,) each.
    """

    scores: list[Score] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    parts: list[PartScore] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    subsets: dict[str, PackedSubset] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    distances: dict[tuple[str, str], tuple[NDArray[np.float32], ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data; None where a score is not defined."""
        rows = {
            "scores": [asdict(score) for score in self.scores],
            "comparisons": [asdict(comparison) for comparison in self.comparisons],
            "parts": [asdict(part) for part in self.parts],
        }
        for table in rows.values():
            for row in table:
                for key, value in row.items():
                    if isinstance(value, float) and math.isnan(value):
                        row[key] = None
        return {**rows, "notes": self.notes}


def evaluate(
    roots: Sequence[str | Path],
    metrics: Mapping[str, Metric],
    *,
    cache: str | Path | None = None,
    reduction: Reduction = "exact",
    families: Mapping[str, str] | None = None,
    resamples: int = 1000,
    progress: Progress | None = None,
) -> Evaluation:
    """Score metrics on subsets.

    Args:
        roots: BAPPS subset folders, 2AFC or JND.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        cache: folder for packed subsets; default: beside each dataset.
        reduction: of enlarged files, see `pack`.
        families: operator → family, for the breakdown.
        resamples: of the bootstrap.
        progress: called with (metric, items done, items in all), subset by subset.

    Raises:
        BappsmithError: a folder is no BAPPS subset.
    """
    evaluation = Evaluation()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    resampled: dict[tuple[str, str], NDArray[np.float64]] = {}
    with all_cores():
        for name, root in _names(roots).items():
            subset = load_subset(root, cache=cache, reduction=reduction, progress=under(f"pack {name}", progress))
            evaluation.subsets[name] = subset
            if subset.enlarged:
                evaluation.notes.append(f"{name}: {_REDUCED[reduction]}")
            for label, metric in metrics.items():
                if isinstance(metric, torch.nn.Module):
                    metric.to(device)
                report = under(f"{name} {label}", progress)
                found = distances(metric, subset, device=device, progress=report)
                evaluation.distances[name, label] = found
            origin = read_origin(subset)
            if origin is not None:
                evaluation.origins[name] = origin
            of = {label: _scorer(subset, evaluation.distances[name, label]) for label in metrics}
            if subset.kind == "2afc" and not np.isin(subset.labels.numpy(), (0, 0.5, 1)).all():
                of[HUMAN] = partial(_mean_of, human_scores(subset.labels))
            groups = origin.photo if origin else None
            everything = np.arange(len(subset))
            for label, score in of.items():
                drawn = bootstrap(len(subset), score, groups=groups, resamples=resamples)
                resampled[name, label] = drawn
                protocol = "2AFC" if subset.kind == "2afc" else "JND mAP"
                evaluation.scores.append(_score(name, label, protocol, len(subset), score(everything), drawn))
            if origin is not None:
                evaluation.parts += break_down(name, origin, of, families or {})
    evaluation.scores += _means(evaluation, resampled)
    evaluation.comparisons += _comparisons(evaluation, list(metrics), resampled)
    if len(evaluation.origins) < len(evaluation.subsets):
        evaluation.notes.append("intervals take items as independent where no manifest says which share a photograph")
    return evaluation


def notes_on_training(evaluation: Evaluation, name: str, checkpoint: str | Path) -> list[str]:
    """What must be said of a trained metric that saw the very data it is scored on."""
    facts = read_facts(checkpoint)
    notes = []
    for subset_name, subset in evaluation.subsets.items():
        if subset.content in [one["content"] for one in facts.get("data", ())]:
            notes.append(f"{name} was trained on {subset_name}")
        if subset.content in [one["content"] for one in facts.get("val", ())]:
            notes.append(
                f"{name} was validated on {subset_name}: if it is the best epoch, that was chosen by these items"
            )
    return notes


_REDUCED: dict[Reduction, str] = {
    "exact": "every fourth pixel of the enlarged files was taken",
    "reference": "enlarged files were reduced as the reference code does (antialiased bilinear: a blur)",
}


def _scorer(subset: PackedSubset, found: tuple[NDArray[np.float32], ...]) -> Callable[[NDArray[np.intp]], float]:
    """From indices of items to the score on them."""
    labels = subset.labels.numpy()
    if subset.kind == "2afc":
        return partial(_mean_of, two_afc_scores(found[0], found[1], labels))
    return lambda drawn: jnd_map(found[0][drawn], labels[drawn])


def _mean_of(scores: NDArray[np.float64], drawn: NDArray[np.intp]) -> float:
    return float(scores[drawn].mean())


def _score(subset: str, metric: str, protocol: str, count: int, score: float, drawn: NDArray[np.float64]) -> Score:
    ends = interval(drawn)
    return Score(subset, metric, protocol, count, score, ends.low, ends.high)


def _means(evaluation: Evaluation, resampled: Mapping[tuple[str, str], NDArray[np.float64]]) -> list[Score]:
    """Means over 2AFC subsets, of metrics that have a score on all of them; subsets are resampled independently."""
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
                # The same draws stand at one place of every subset; shifted, they are independent.
                drawn = np.stack([np.roll(resampled[s.subset, metric], k) for k, s in enumerate(scores)])
                value = float(np.average([score.score for score in scores], weights=weights))
                count = sum(score.count for score in scores)
                means.append(_score(name, metric, "2AFC", count, value, np.average(drawn, axis=0, weights=weights)))
    return means


def _comparisons(
    evaluation: Evaluation, metrics: Sequence[str], resampled: Mapping[tuple[str, str], NDArray[np.float64]]
) -> list[Comparison]:
    scores = {(score.subset, score.metric): score.score for score in evaluation.scores}
    found = []
    for subset in evaluation.subsets:
        for other in metrics[:-1]:
            # Both were resampled with one seed, hence on the same items.
            drawn = resampled[subset, metrics[-1]] - resampled[subset, other]
            ends = interval(drawn)
            gap = scores[subset, metrics[-1]] - scores[subset, other]
            found.append(Comparison(subset, metrics[-1], other, gap, ends.low, ends.high, two_sided_p(drawn)))
    return found


def _names(roots: Sequence[str | Path]) -> dict[str, Path]:
    """Subsets by the last three parts of their path, or by all where those are not enough to tell them apart."""
    short = ["/".join(Path(root).resolve().parts[-3:]) for root in roots]
    return {
        name if short.count(name) == 1 else str(Path(root)): Path(root) for name, root in zip(short, roots, strict=True)
    }
