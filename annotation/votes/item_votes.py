"""How many people judged every item, and how."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bappsmith.annotation.quality.task_answers import POSITIVE


@dataclass(frozen=True)
class ItemVotes:
    """The votes on the items of one subset that somebody judged.

    Attributes:
        index: positions in the subset, sorted, int64, shape (M,).
        positive: votes for p1, "same" or "similar", int64, shape (M,).
        votes: number of votes, at least 1, int64, shape (M,).
    """

    index: NDArray[np.int64]
    positive: NDArray[np.int64]
    votes: NDArray[np.int64]


def counted_votes(votes: pa.Table) -> pa.Table:
    """Return the rows that are votes: first answers to items, given in time by people who are not set aside."""
    return votes.filter(pc.and_(votes["counted"], pc.equal(votes["role"], "item")))


def item_votes(votes: pa.Table, subset: str) -> ItemVotes:
    """Count the votes on the items of a subset.

    Args:
        votes: columns `VOTE_SCHEMA`.
        subset: path of the subset.
    """
    rows = counted_votes(votes)
    rows = rows.filter(pc.equal(rows["subset"], subset))
    index, number = np.unique(rows["index"].to_numpy().astype(np.int64), return_inverse=True)
    positive = pc.is_in(rows["choice"], pa.array(sorted(set(POSITIVE.values())))).to_numpy(zero_copy_only=False)
    return ItemVotes(
        index,
        np.bincount(number[positive.astype(bool)], minlength=len(index)),
        np.bincount(number, minlength=len(index)),
    )
