"""Compare two labellings of a dataset: in all, and by operator."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.judging.ceiling import human_ceiling, predictor_ceiling, published_human_ceiling


@dataclass(frozen=True)
class Agreement:
    """How far two labellings agree on some items.

    Attributes:
        subset: path of the subset.
        operator: the items whose chains hold this operator; "": all items of the subset.
        items: number of items.
        decided: number of items on which both labellings have a majority.
        agree: share of these with the same majority, in [0, 1]; NaN if there are none.
        difference: mean absolute difference of the shares of votes, in [0, 1].
    """

    subset: str
    operator: str
    items: int
    decided: int
    agree: float
    difference: float


@dataclass(frozen=True)
class LabelCounts:
    """What a labelling of a subset holds.

    Attributes:
        subset: path of the subset.
        items: number of items.
        soft: number of items whose share is neither 0, 0.5 nor 1.
        ties: number of items with share 0.5.
        dropped: reason → number of items that are not worth a label.
        ceiling: expected share of votes that the best possible prediction agrees with, in [0.5, 1], over items that
            are not dropped; NaN if the probabilities of votes are not known.
        human: the same for one person, who agrees with the others only by what they see.
        published_human: the human score of BAPPS, in which everybody also agrees with themselves.
        learnt: what the judge learnt from the subset, name → number.
    """

    subset: str
    items: int
    soft: int
    ties: int
    dropped: dict[str, int]
    ceiling: float
    human: float
    published_human: float
    learnt: dict[str, float]


def compare_labellings(dataset: Dataset, name: str, other: str) -> list[Agreement]:
    """Compare two labellings, subset by subset: in all first, then by operator.

    Args:
        dataset: a finished dataset.
        name: of one labelling.
        other: of the other one.

    Raises:
        BappsmithError: the dataset has no such labelling.
    """
    rows: list[Agreement] = []
    for subset in dataset.subsets():
        shares, others = subset.labels(name).shares, subset.labels(other).shares
        everything = np.ones(len(subset), bool)
        rows.append(_agreement(subset, "", everything, shares, others))
        rows += [_agreement(subset, op, members, shares, others) for op, members in _by_operator(subset).items()]
    return rows


def count_labels(dataset: Dataset, name: str) -> list[LabelCounts]:
    """Count what a labelling holds, subset by subset.

    Raises:
        BappsmithError: the dataset has no such labelling.
    """
    counts: list[LabelCounts] = []
    for subset in dataset.subsets():
        labels = subset.labels(name)
        reasons: Sequence[str] = [reason for reason in labels.dropped or () if reason]
        ceilings = _ceilings(labels)
        counts.append(
            LabelCounts(
                subset=str(subset.path),
                items=len(subset),
                soft=int(np.isin(labels.shares, (0, 0.5, 1), invert=True).sum()),
                ties=int((labels.shares == 0.5).sum()),
                dropped={reason: reasons.count(reason) for reason in sorted(set(reasons))},
                ceiling=ceilings[0],
                human=ceilings[1],
                published_human=ceilings[2],
                learnt=json.loads(labels.sources[0]).get("learnt", {}) if labels.sources else {},
            )
        )
    return counts


def _ceilings(labels: Labelling) -> tuple[float, float, float]:
    kept = labels.weights > 0
    if labels.probabilities is None or not kept.any():
        return math.nan, math.nan, math.nan
    p, votes = labels.probabilities[kept], labels.votes[kept]
    values = predictor_ceiling(p), human_ceiling(p), published_human_ceiling(p, votes)
    return float(np.mean(values[0])), float(np.mean(values[1])), float(np.mean(values[2]))


def _by_operator(subset: SealedSubset) -> dict[str, NDArray[np.bool_]]:
    columns = subset.columns("operators0", "operators1")
    pairs = [
        {name for chain in pair for name in chain.split("+") if name} for pair in zip(*columns.values(), strict=True)
    ]
    return {name: np.array([name in pair for pair in pairs]) for name in sorted(set().union(*pairs))}


def _agreement(
    subset: SealedSubset,
    operator: str,
    members: NDArray[np.bool_],
    shares: NDArray[np.float64],
    others: NDArray[np.float64],
) -> Agreement:
    first, second = np.sign(shares[members] - 0.5), np.sign(others[members] - 0.5)
    decided = (first != 0) & (second != 0)
    agree = float(np.mean(first[decided] == second[decided])) if decided.any() else float("nan")
    difference = float(np.mean(np.abs(shares[members] - others[members])))
    return Agreement(str(subset.path), operator, int(members.sum()), int(decided.sum()), agree, difference)
