"""Say what scores show, and what they do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bappsmith.lpips.evaluation.evaluation import Comparison, Evaluation, Score


@dataclass(frozen=True)
class Findings:
    """The scores of a trained metric and of others on one 2AFC subset.

    Attributes:
        scores: in the order of the metrics; the last one is the trained metric's.
        comparisons: metric → the trained metric minus this one.
        best: the highest score that any metric can reach: that of one which is always on the likelier side.
        photographs: number of photographs that the intervals are over.
    """

    scores: tuple[Score, ...]
    comparisons: dict[str, Comparison]
    best: float
    photographs: int

    @property
    def trained(self) -> Score:
        """The score of the trained metric."""
        return self.scores[-1]


def find(evaluation: Evaluation) -> Findings:
    """Collect the findings of an evaluation on a single 2AFC subset of a generated dataset."""
    (name,) = evaluation.subsets
    labels = evaluation.subsets[name].labels.numpy()
    return Findings(
        scores=tuple(evaluation.scores),
        comparisons={comparison.other: comparison for comparison in evaluation.comparisons},
        best=float(np.maximum(labels, 1 - labels).mean()),
        photographs=len(np.unique(evaluation.origins[name].photo)),
    )


def sentence(findings: Findings) -> str:
    """Write what the trained metric reaches, and against which metrics its difference is beyond the interval."""
    said = "; ".join(_against(name, comparison) for name, comparison in findings.comparisons.items())
    return (
        f"On {findings.photographs} photographs that it never saw, the metric that was trained here agrees with "
        f"{100 * findings.trained.score:.1f} % of the labels: {said} (points, with 95 % intervals)."
    )


def _against(name: str, comparison: Comparison) -> str:
    gap, low, high = (f"{100 * value:+.1f}" for value in (comparison.gap, comparison.low, comparison.high))
    if comparison.low > 0:
        verdict = "better than"
    elif comparison.high < 0:
        verdict = "worse than"
    else:
        verdict = "not told apart from"
    return f"{verdict} {name}, {gap} ({low} … {high})"
