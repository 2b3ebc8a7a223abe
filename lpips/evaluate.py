"""Scores of metrics on BAPPS subsets, beside each other, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..manifests.errors import BappsmithError, unknown_name
from .backbones import TrunkWeights
from .baselines import BASELINES, Metric
from .checkpoint import load_metric
from .data import Subset, load_subset
from .distances import distances
from .model import LPIPS
from .scores import Interval, bootstrap_interval, human_scores, jnd_map, two_afc_scores
from .train import all_cores

HUMAN = "human"


@dataclass(frozen=True)
class Score:
    """One metric on one subset.

    Attributes:
        subset: such as 2afc/val/traditional.
        metric: its name; "human" is the score of one human against the others.
        protocol: "2AFC" or "JND mAP".
        count: number of items.
        score: in [0, 1].
        low: lower end of the 95 % interval (percentile bootstrap over items).
        high: upper end.
    """

    subset: str
    metric: str
    protocol: str
    count: int
    score: float
    low: float
    high: float


@dataclass
class Evaluation:
    """Every metric on every subset.

    Attributes:
        scores: subset by subset, metrics in the order they were named.
        subsets: the data, by the name of the subset.
        distances: (subset, metric) → distances; 2AFC: (d0, d1), JND: (d,).
        notes: what a reader must know, such as patches that were reduced from enlarged files.
    """

    scores: list[Score] = field(default_factory=list)
    subsets: dict[str, Subset] = field(default_factory=dict)
    distances: dict[tuple[str, str], tuple[NDArray[np.float32], ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"scores": [asdict(score) for score in self.scores], "notes": self.notes}

    def difference(self, subset: str, metric: str, other: str) -> tuple[float, Interval]:
        """2AFC score of one metric less that of another on the same triplets, with its paired 95 % interval."""
        judge = self.subsets[subset].labels.numpy()
        (d0, d1), (e0, e1) = self.distances[subset, metric], self.distances[subset, other]
        gap = two_afc_scores(d0, d1, judge) - two_afc_scores(e0, e1, judge)
        return float(gap.mean()), bootstrap_interval(len(gap), lambda drawn: float(gap[drawn].mean()))


def find_metric(
    name: str,
    *,
    net: str | None = None,
    trunk_weights: TrunkWeights = 0,
    head_weights: str | Path | None = None,
) -> Metric:
    """A metric by name.

    Args:
        name: "l2", "ssim", "untrained" (the trunk's features without heads), "published" (with
            `head_weights`), or the path of a checkpoint.
        net: trunk of "untrained" and "published", default "alex"; a checkpoint of another is refused.
        trunk_weights: their weights; default: a random trunk of seed 0.
        head_weights: the heads of "published".

    Raises:
        BappsmithError: there is no such metric or file.
    """
    if name in BASELINES:
        return BASELINES[name]
    if name == "untrained":
        return LPIPS(net or "alex", trunk_weights=trunk_weights)
    if name == "published":
        if head_weights is None or isinstance(trunk_weights, int):
            raise BappsmithError("metric 'published' needs --trunk-weights and --head-weights")
        return LPIPS(net or "alex", trunk_weights=trunk_weights, head_weights=head_weights)
    if Path(name).suffix == ".safetensors" or Path(name).exists():
        return load_metric(name, net=net)
    raise unknown_name("metric", name, [*BASELINES, "untrained", "published", "CHECKPOINT.safetensors"])


def evaluate(
    roots: Sequence[str | Path],
    metrics: Mapping[str, Metric],
    *,
    resamples: int = 1000,
    progress: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Score metrics on subsets.

    Args:
        roots: BAPPS subset folders, 2AFC or JND.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        resamples: of the bootstrap.
        progress: called with (metric, items done, items in all), subset by subset.

    Raises:
        BappsmithError: a folder is no BAPPS subset.
    """
    evaluation = Evaluation()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with all_cores():
        for root in roots:
            subset = load_subset(root)
            name = "/".join(subset.root.resolve().parts[-3:])
            evaluation.subsets[name] = subset
            if subset.enlarged:
                evaluation.notes.append(f"{name}: every fourth pixel of the enlarged files was taken")
            for label, metric in metrics.items():
                if isinstance(metric, torch.nn.Module):
                    metric.to(device)
                report = _reporter(progress, f"{name} {label}")
                found = distances(metric, subset, device=device, progress=report)
                evaluation.distances[name, label] = found
                evaluation.scores.append(_score(name, label, subset, found, resamples))
            if subset.kind == "2afc" and not np.isin(subset.labels.numpy(), (0, 0.5, 1)).all():
                scores = human_scores(subset.labels)
                evaluation.scores.append(_mean_score(name, HUMAN, scores, resamples))
    return evaluation


def _score(
    name: str, label: str, subset: Subset, found: tuple[NDArray[np.float32], ...], resamples: int
) -> Score:
    labels = subset.labels.numpy()
    if subset.kind == "2afc":
        return _mean_score(name, label, two_afc_scores(found[0], found[1], labels), resamples)
    (distance,) = found
    value = jnd_map(distance, labels)
    interval = bootstrap_interval(
        len(labels), lambda drawn: jnd_map(distance[drawn], labels[drawn]), resamples=resamples
    )
    return Score(name, label, "JND mAP", len(labels), value, interval.low, interval.high)


def _mean_score(name: str, label: str, scores: NDArray[np.float64], resamples: int) -> Score:
    interval = bootstrap_interval(len(scores), lambda drawn: float(scores[drawn].mean()), resamples=resamples)
    return Score(name, label, "2AFC", len(scores), float(scores.mean()), interval.low, interval.high)


def _reporter(
    progress: Callable[[str, int, int], None] | None, what: str
) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)
