"""Scores of metrics on subsets, and the data they were computed from."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.mos.mos_set import MosSet
from bappsmith.lpips.data.subset import PackedSubset

from .breakdown import PartScore
from .origin import Origin

if TYPE_CHECKING:
    from .retrieval import Retrieval

HUMAN = "human"
"""The human score of Zhang et al. 2018, in which every voter also agrees with themselves."""
UNBIASED = "human unbiased"
"""Agreement of two different voters: what one person is expected to score against the others."""
RAMPS = "ramps"
CORRELATIONS = ("SROCC", "KROCC", "PLCC")
"""Protocols whose scores are correlations, in [-1, 1]. Those of all others are shares, in [0, 1]."""
MACRO, BY_SIZE = "mean of subsets", "mean of items"
"""The two means over 2AFC subsets. The first is "All" of Zhang et al. 2018, Table 5."""


def shown(value: float, protocol: str, *, sign: bool = False) -> str:
    """Write a score as the field does: correlations as 0.917, others in percent, 91.7; with a sign for differences."""
    plus = "+" if sign else ""
    return f"{value:{plus}.3f}" if protocol in CORRELATIONS else f"{100 * value:{plus}.1f}"


@dataclass(frozen=True)
class Score:
    """One metric on one subset, or its mean over several.

    Attributes:
        subset: such as 2afc/val/traditional; the name of a set of people's scores or of labelled pairs; `RAMPS`,
            `MACRO` or `BY_SIZE`.
        metric: name of the metric; `HUMAN` and `UNBIASED` are scores of people.
        protocol: "2AFC" or "JND mAP"; one of `CORRELATIONS`, or "pairs", on people's scores; "ladders" or "steps" of
            ramps; "ROC-AUC", "PR-AUC", "HR@k", "MRR@k", "P@k" or "judged@k" of labelled pairs (see `score_retrieval`).
        count: number of items, pairs, ladders, steps or queries.
        score: in [0, 1]; correlations in [-1, 1].
        low: lower end of the 95 % interval (percentile bootstrap; over photographs if a manifest names them, over
            references and types of people's scores, over photographs and operators of ramps, over queries).
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
    """The difference of the scores of two metrics on the same items.

    Attributes:
        subset: name of the subset.
        metric: name of the first metric.
        other: name of the second metric.
        protocol: see `Score`.
        gap: score of the first minus score of the second.
        low: lower end of its paired 95 % interval.
        high: upper end.
        p: p-value of "no difference" (see `bootstrap.two_sided_p`).
    """

    subset: str
    metric: str
    other: str
    protocol: str
    gap: float
    low: float
    high: float
    p: float


@dataclass
class Evaluation:
    """Every metric on every subset.

    Attributes:
        metrics: their names, in the given order.
        scores: subset by subset, metrics in the given order; means over 2AFC subsets at the end.
        comparisons: of the last metric with every other, subset by subset.
        parts: scores by operator, family and severity gap, of subsets with a manifest; by type and level of people's
            scores; by operator of ramps.
        notes: facts that a reader must know, such as the reduction of enlarged files.
        subsets: the data, by name.
        mos: sets of people's scores, by name.
        retrieval: sets of labelled pairs, by name.
        origins: where items come from, of subsets with a manifest.
        distances: (subset, metric) → distances; 2AFC: (d0, d1), others: (d,); float32, shape (N,) each. Those of
            labelled pairs are of the judged ones, ordered by query.
    """

    metrics: tuple[str, ...] = ()
    scores: list[Score] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    parts: list[PartScore] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    subsets: dict[str, PackedSubset] = field(default_factory=dict)
    mos: dict[str, MosSet] = field(default_factory=dict)
    retrieval: dict[str, Retrieval] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    distances: dict[tuple[str, str], tuple[NDArray[np.float32], ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; None for undefined scores."""
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
