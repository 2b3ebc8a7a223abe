"""Judgments, stored apart from the items that they judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_compact = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would build an encoder for every value


@dataclass(frozen=True, slots=True)
class Judgment:
    """The judgment of one item.

    Attributes:
        share: of votes, in [0, 1]: for p1 (2AFC), for "the same" (JND).
        votes: number of votes; 0 if a rule judged.
        source: who judged, and from what; JSON values.
    """

    share: float
    votes: int
    source: dict[str, Any]

    def to_row(self) -> dict[str, Any]:
        """Return the columns of a labelling, see `table.LABEL_SCHEMA`."""
        return {"judgment": self.share, "votes": self.votes, "judge": _compact(self.source)}


@dataclass(frozen=True)
class Labelling:
    """The judgments of a whole subset, from one source.

    Attributes:
        name: name of the labelling. A dataset holds any number of labellings.
        shares: float64, shape (N,), in [0, 1]; see `Judgment.share`.
        votes: int32, shape (N,); see `Judgment.votes`.
        sources: source of every judgment as JSON text, N of them.
        weights: how much each judgment counts in training, float64, shape (N,), at least 0; 0: not at all. None: 1
            each.
    """

    name: str
    shares: NDArray[np.float64]
    votes: NDArray[np.int32]
    sources: tuple[str, ...]
    weights: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.shares)
