"""Scores of metrics on subsets, and the data they were computed from."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset

from .breakdown import PartScore
from .origin import Origin

HUMAN = "human"
MACRO, BY_SIZE = "mean of subsets", "mean of items"
"""The two means over 2AFC subsets. The first is "All" of Zhang et al. 2018, Table 5."""


@dataclass(frozen=True)
class Score:
    """One metric on one subset, or its mean over several.

    Attributes:
        subset: such as 2afc/val/traditional; or `MACRO` or `BY_SIZE`.
        metric: name of the metric; "human" is the score of one human against the others.
        protocol: "2AFC" or "JND mAP".
        count: number of items.
        score: in [0, 1].
        low: lower end of the 95 % interval (percentile bootstrap; over photographs if a manifest names them).
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
        gap: score of the first minus score of the second.
        low: lower end of its paired 95 % interval.
        high: upper end.
        p: p-value of "no difference" (see `bootstrap.two_sided_p`).
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
        scores: subset by subset, metrics in the given order; means over 2AFC subsets at the end.
        comparisons: of the last metric with every other, subset by subset.
        parts: scores by operator, family and severity gap, of subsets with a manifest.
        notes: facts that a reader must know, such as the reduction of enlarged files.
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
