"""Scores on parts of a subset: by operator, by family, and by the gap between severities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .origin import Origin
from .scores import Statistic

By = Literal["operator", "family", "severity gap", "type", "level"]
GAPS = (0.0, 0.1, 0.25, 0.5, 1.0, np.inf)
"""Edges of the classes of severity gaps. The total severity of a chain of two reaches 2."""


@dataclass(frozen=True)
class PartScore:
    """The score of a metric on a part of a subset.

    Attributes:
        subset: name of the subset.
        metric: name of the metric.
        protocol: see `Score`.
        by: what the subset is divided by. An item belongs to every operator and family in its chains.
        value: name of the part.
        count: number of items in the part.
        score: score on the part, see `Score`.
    """

    subset: str
    metric: str
    protocol: str
    by: By
    value: str
    count: int
    score: float


def break_down(
    subset: str,
    protocol: str,
    origin: Origin,
    statistics: Mapping[str, Statistic],
    families: Mapping[str, str],
) -> Iterator[PartScore]:
    """Score every metric on every part of a subset.

    Args:
        subset: name of the subset.
        protocol: see `Score`.
        origin: of its items.
        statistics: metric → function that gives its score, see `Statistic`.
        families: operator → family. Operators without an entry have the family "other".
    """
    for by, value, members in _parts(origin, families):
        counts = np.zeros((1, len(origin.photo)))
        counts[0, members] = 1
        for metric, statistic in statistics.items():
            yield PartScore(subset, metric, protocol, by, value, len(members), float(statistic(counts)[0]))


def _parts(origin: Origin, families: Mapping[str, str]) -> Iterator[tuple[By, str, NDArray[np.intp]]]:
    by_operator: dict[str, list[int]] = {}
    by_family: dict[str, list[int]] = {}
    for index, chains in enumerate(origin.operators):
        names = {name for chain in chains for name in chain}
        for name in names:
            by_operator.setdefault(name, []).append(index)
        for family in {families.get(name, "other") for name in names}:
            by_family.setdefault(family, []).append(index)
    for name in sorted(by_operator, key=lambda name: (families.get(name, "other"), name)):
        yield "operator", name, np.array(by_operator[name])
    for family in sorted(by_family):
        yield "family", family, np.array(by_family[family])
    for low, high in pairwise(GAPS):
        members = np.flatnonzero((origin.gap >= low) & (origin.gap < high))
        if len(members):
            name = f"{low:g} and more" if np.isinf(high) else f"{low:g} – {high:g}"
            yield "severity gap", name, members
