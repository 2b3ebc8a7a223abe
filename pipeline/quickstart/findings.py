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


def headline(findings: Findings) -> str:
    """Write what the trained metric reaches, and which differences are beyond their intervals."""
    by_verdict: dict[str, list[str]] = {}
    for name, comparison in findings.comparisons.items():
        by_verdict.setdefault(verdict(comparison), []).append(name)
    said = "; ".join(f"{words} {' and '.join(names)}" for words, names in by_verdict.items())
    return (
        f"On {findings.photographs} photographs that it never saw, the trained metric agrees with "
        f"{100 * findings.trained.score:.1f} % of the labels: {said}."
    )


def verdict(comparison: Comparison) -> str:
    """Return "better than" or "worse than" if the 95 % interval of the difference holds no zero.

    Otherwise return "not told apart from".
    """
    if comparison.low > 0:
        return "better than"
    return "worse than" if comparison.high < 0 else "not told apart from"
