"""Ramp monotonicity: whether a metric finds a stronger distortion more distant. It needs no person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.device import find_device
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress

from .baselines import Metric
from .bootstrap import crossed_bootstrap, interval
from .breakdown import PartScore
from .compare import BATCH_PIXELS
from .evaluation import RAMPS, Evaluation, Score
from .scores import Statistic


@dataclass(frozen=True, slots=True)
class Ladder:
    """One photograph, distorted by one operator with rising severity.

    Attributes:
        operator: name.
        photograph: its number.
        reference: uint8 H×W×3 RGB.
        steps: the distorted images, mildest first, uint8 H×W×3 RGB each.
    """

    operator: str
    photograph: int
    reference: Pixels
    steps: tuple[Pixels, ...]


def right_steps(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for each step from one severity to the next whether the distance rises: d(k+1) > d(k).

    A ladder is monotone if all of its steps are right.

    Args:
        distances: of the images of ladders, mildest first, shape (…, K).

    Returns:
        Shape (…, K - 1).

    Examples:
        >>> right_steps(np.array([0.1, 0.2, 0.2, 0.4, 0.3])).tolist()
        [True, False, True, False]
    """
    return np.diff(distances, axis=-1) > 0


def score_ramps(
    evaluation: Evaluation,
    ladders: Sequence[Ladder],
    metrics: Mapping[str, Metric],
    *,
    resamples: int = 1000,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> dict[tuple[str, str, str], NDArray[np.float64]]:
    """Add the shares of ladders, and of their steps, that metrics order rightly to an evaluation.

    A step between equal images, as where a parameter in whole numbers does not change, is left out.

    Args:
        evaluation: to add to.
        ladders: all images of a ladder have one size.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances.
        resamples: number of bootstrap resamples, over photographs and operators.
        device: see `find_device`.
        progress: called with ("ramps", ladders done, all ladders).

    Returns:
        The scores of bootstrap samples, by subset, protocol and metric.

    Raises:
        BappsmithError: a metric gives NaN, or there is no ladder with different images.
    """
    operators: list[str] = []
    photographs: list[int] = []
    steps: list[int] = []
    right: dict[str, list[int]] = {metric: [] for metric in metrics}
    for done, (ladder, distances) in enumerate(_measure(ladders, metrics, device), start=1):
        differ = np.array([not np.array_equal(one, two) for one, two in pairwise(ladder.steps)])
        if differ.any():
            operators.append(ladder.operator)
            photographs.append(ladder.photograph)
            steps.append(int(differ.sum()))
            for name, values in distances.items():
                right[name].append(int((right_steps(values) & differ).sum()))
        if progress:
            progress(RAMPS, done, len(ladders))
    if not operators:
        raise BappsmithError("ramps: no operator changes any photograph; give photographs that are not flat")
    counts = {name: np.array(one) for name, one in right.items()}
    return _score(evaluation, operators, photographs, np.array(steps), counts, resamples)


def _measure(
    ladders: Sequence[Ladder], metrics: Mapping[str, Metric], device: str | torch.device | None
) -> Iterator[tuple[Ladder, dict[str, NDArray[np.float64]]]]:
    """Yield each ladder, and metric → distances of its steps.

    Consecutive ladders of one size are measured together.
    """
    device = find_device(device)
    for metric in metrics.values():
        if isinstance(metric, torch.nn.Module):
            metric.to(device)
    for (shape, count), same in groupby(ladders, lambda ladder: (ladder.reference.shape, len(ladder.steps))):
        alike = list(same)
        most = max(1, BATCH_PIXELS // (count * shape[0] * shape[1]))
        for start in range(0, len(alike), most):
            group = alike[start : start + most]
            references = _batch([ladder.reference for ladder in group for _ in ladder.steps], device)
            distorted = _batch([step for ladder in group for step in ladder.steps], device)
            with torch.inference_mode():
                columns = {
                    name: metric(references, distorted).reshape(len(group), count).double().cpu().numpy()
                    for name, metric in metrics.items()
                }
            for number, ladder in enumerate(group):
                distances = {name: column[number] for name, column in columns.items()}
                _refuse_nan(distances, ladder)
                yield ladder, distances


def _batch(images: Sequence[Pixels], device: torch.device) -> torch.Tensor:
    return to_signed(torch.from_numpy(np.stack(images))).to(device)


def _refuse_nan(distances: Mapping[str, NDArray[np.float64]], ladder: Ladder) -> None:
    for name, values in distances.items():
        if np.isnan(values).any():
            raise BappsmithError(
                f"metric {name} gives no distance (NaN) for operator '{ladder.operator}' on photograph "
                f"{ladder.photograph}; leave out this metric"
            )


def _score(
    evaluation: Evaluation,
    operators: Sequence[str],
    photographs: Sequence[int],
    steps: NDArray[np.intp],
    right: Mapping[str, NDArray[np.intp]],
    resamples: int,
) -> dict[tuple[str, str, str], NDArray[np.float64]]:
    statistics: dict[tuple[str, str, str], Statistic] = {}
    for name, ordered in right.items():
        statistics[RAMPS, "ladders", name] = _share((ordered == steps).astype(np.float64), np.ones(len(steps)))
        statistics[RAMPS, "steps", name] = _share(ordered.astype(np.float64), steps.astype(np.float64))
    factors = [np.unique(values, return_inverse=True)[1] for values in (operators, photographs)]
    drawn = crossed_bootstrap(factors, statistics, resamples=resamples)
    everything = np.ones((1, len(steps)))
    for protocol in ("ladders", "steps"):
        for name in right:
            key = (RAMPS, protocol, name)
            ends = interval(drawn[key])
            count = len(steps) if protocol == "ladders" else int(steps.sum())
            score = float(statistics[key](everything)[0])
            evaluation.scores.append(Score(RAMPS, name, protocol, count, score, ends.low, ends.high))
    for operator in dict.fromkeys(operators):
        members = np.array([one == operator for one in operators])
        for (_, protocol, name), statistic in statistics.items():
            count = int(members.sum() if protocol == "ladders" else steps[members].sum())
            score = float(statistic(members.astype(np.float64)[None])[0])
            evaluation.parts.append(PartScore(RAMPS, name, protocol, "operator", operator, count, score))
    return drawn


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> Statistic:
    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):  # 0 / 0: an empty sample
            return (counts @ part) / (counts @ whole)

    return statistic
