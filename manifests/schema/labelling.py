"""Judgments, stored apart from the items that they judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bappsmith.manifests.errors import BappsmithError


@dataclass(frozen=True)
class Labelling:
    """The judgments of some items of a subset, from one source.

    Attributes:
        name: name of the labelling. A dataset holds any number of labellings.
        shares: of votes, float64, shape (N,), in [0, 1]: for p1 (2AFC), for "the same" (JND).
        votes: number of votes, int32, shape (N,); 0 if a rule judged: its share is then its probability.
        sources: who judged, and from what, as JSON text, N of them.
        preferences: signed preference of a judge, float64, shape (N,): above 0 for p1 (2AFC), for "the same" (JND);
            None if the source gives none, such as votes of people.
        probabilities: of one vote for p1 (2AFC) or for "the same" (JND), float64, shape (N,), in [0, 1]; None if
            unknown.
        dropped: why an item is not worth a label, N texts; empty where it is. None: all are.
    """

    name: str
    shares: NDArray[np.float64]
    votes: NDArray[np.int32]
    sources: tuple[str, ...]
    preferences: NDArray[np.float64] | None = None
    probabilities: NDArray[np.float64] | None = None
    dropped: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.shares)

    @property
    def weights(self) -> NDArray[np.float32]:
        """Weight of every item in training, float32, shape (N,): 0 for dropped items, else 1."""
        if self.dropped is None:
            return np.ones(len(self), np.float32)
        return np.array([not reason for reason in self.dropped], np.float32)

    def columns(self) -> dict[str, list[Any]]:
        """Return the columns of `table.LABEL_SCHEMA` but the index: name → N values; None where nothing is known."""
        return {
            "judgment": self.shares.tolist(),
            "votes": self.votes.tolist(),
            "judge": list(self.sources),
            "preference": self._or_none(self.preferences),
            "probability": self._or_none(self.probabilities),
            "dropped": [""] * len(self) if self.dropped is None else list(self.dropped),
        }

    def _or_none(self, values: NDArray[np.float64] | None) -> list[Any]:
        if values is None:
            return [None] * len(self)
        known = values.tolist()
        return [None if value != value else value for value in known] if np.isnan(values).any() else known

    def rows(self) -> list[dict[str, Any]]:
        """Return one dictionary per item, with the keys of `columns`."""
        columns = self.columns()
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def take(self, indices: NDArray[np.int64]) -> Labelling:
        """Return the judgments of some items, by their positions, shape (M,)."""
        chosen = [int(index) for index in indices]
        return Labelling(
            self.name,
            self.shares[indices],
            self.votes[indices],
            tuple(self.sources[index] for index in chosen),
            None if self.preferences is None else self.preferences[indices],
            None if self.probabilities is None else self.probabilities[indices],
            None if self.dropped is None else tuple(self.dropped[index] for index in chosen),
        )


def own_labelling(judgments: Labelling | ArrayLike, count: int, root: str) -> Labelling:
    """Check judgments that replace the stored ones of a subset.

    Args:
        judgments: a labelling, or shares of votes alone, shape (N,): then nothing is known about votes and judges.
        count: number of items of the subset.
        root: of the subset, for the error.

    Raises:
        BappsmithError: the number of judgments differs from that of items, or one is not in [0, 1].
    """
    if not isinstance(judgments, Labelling):
        shares = np.asarray(judgments, np.float64).reshape(-1)
        judgments = Labelling("own", shares, np.zeros(len(shares), np.int32), ("{}",) * len(shares))
    if len(judgments) != count:
        raise BappsmithError(
            f"{root} holds {count} items, but labelling '{judgments.name}' {len(judgments)} judgments; "
            "give one judgment per item"
        )
    wrong = np.flatnonzero(~((judgments.shares >= 0) & (judgments.shares <= 1)))  # NaN included
    if len(wrong):
        raise BappsmithError(
            f"{root}: the judgment of item {wrong[0]} in labelling '{judgments.name}' must be in [0, 1], found "
            f"{judgments.shares[wrong[0]]:g}; correct the labelling"
        )
    return judgments


def join_labellings(parts: list[Labelling]) -> Labelling:
    """Join the judgments of consecutive items. What one part does not know becomes NaN, if another knows it.

    Args:
        parts: at least one; the first gives the name.
    """
    return Labelling(
        parts[0].name,
        np.concatenate([part.shares for part in parts]),
        np.concatenate([part.votes for part in parts]),
        tuple(source for part in parts for source in part.sources),
        _joined([part.preferences for part in parts], parts),
        _joined([part.probabilities for part in parts], parts),
        tuple(reason for part in parts for reason in part.dropped or ("",) * len(part)),
    )


def _joined(values: list[NDArray[np.float64] | None], parts: list[Labelling]) -> NDArray[np.float64] | None:
    if all(one is None for one in values):
        return None
    return np.concatenate(
        [np.full(len(part), np.nan) if one is None else one for one, part in zip(values, parts, strict=True)]
    )
