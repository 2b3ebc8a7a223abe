"""The answers to one task as arrays, for all measures."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

POSITIVE = {"2afc": "p1", "jnd": "same", "similar": "similar"}
"""Task → the choice whose share of votes is the judgment."""
NEGATIVE = {"2afc": "p0", "jnd": "different", "similar": "different"}
"""Task → the other choice."""
NEVER_COUNTED = ("early", "withdrawn")
"""Reasons of answers that do not count, whatever rules say: given before the pictures stood; the person withdrew."""
SET_ASIDE = "set aside: "
"""Start of the reason of an answer whose person is set aside. The name of the rule follows."""


@dataclass(frozen=True)
class TaskAnswers:
    """The answers of all people to one task.

    Training, answers given before the pictures stood, and people who withdrew are left out. People who are set aside
    are not.

    Attributes:
        task: "2afc", "jnd" or "similar".
        people: hashes, P of them, sorted.
        person: position in `people`, int64, shape (N,).
        role: "item", "repeat" or "sentinel", shape (N,).
        positive: whether the choice is `POSITIVE`, bool, shape (N,).
        expected: 1 if `POSITIVE` is the right answer, 0 if the other one, -1 if none is known; int8, shape (N,).
        item: number of the item, from 0, int64, shape (N,); -1 for sentinels.
        left: 1 if the left side was chosen, 0 if the right one, -1 where there are no sides; int8, shape (N,).
        response_ms: response time, float64, shape (N,); NaN if unknown.
    """

    task: str
    people: tuple[str, ...]
    person: NDArray[np.int64]
    role: NDArray[np.str_]
    positive: NDArray[np.bool_]
    expected: NDArray[np.int8]
    item: NDArray[np.int64]
    left: NDArray[np.int8]
    response_ms: NDArray[np.float64]

    @property
    def votes(self) -> NDArray[np.bool_]:
        """Which answers judge an item for the first time, shape (N,)."""
        return self.role == "item"

    @property
    def items(self) -> int:
        """Number of items that somebody judged."""
        return int(self.item.max(initial=-1)) + 1


def tasks_of(votes: pa.Table) -> list[str]:
    """Return the tasks that somebody answered, in the order of `POSITIVE`."""
    there = set(pc.unique(votes["task"]).to_pylist())
    return [task for task in POSITIVE if task in there]


def task_answers(votes: pa.Table, task: str) -> TaskAnswers:
    """Take the answers to one task out of the table of all answers.

    Args:
        votes: columns `VOTE_SCHEMA`.
        task: "2afc", "jnd" or "similar".
    """
    kept = pc.and_(pc.equal(votes["task"], task), pc.not_equal(votes["role"], "training"))
    left_out = pc.is_in(votes["reason"], pa.array(NEVER_COUNTED))
    rows = votes.filter(pc.and_(kept, pc.invert(left_out)))
    people, person = _numbers(rows["person"])
    positive = _equals(rows["choice"], POSITIVE[task])
    known = rows["expected"].is_valid().to_numpy(zero_copy_only=False).astype(bool)
    expected = np.where(known, _equals(rows["expected"], POSITIVE[task]), -1).astype(np.int8)
    sides = rows["p1_left"].is_valid().to_numpy(zero_copy_only=False).astype(bool)
    p1_left = pc.fill_null(rows["p1_left"], False).to_numpy(zero_copy_only=False).astype(bool)
    left = np.where(sides, positive == p1_left, -1).astype(np.int8)
    subsets, subset = _numbers(rows["subset"])
    index = pc.fill_null(rows["index"], -1).to_numpy().astype(np.int64)
    judged = index >= 0
    item = np.full(len(index), -1, np.int64)
    item[judged] = np.unique(subset[judged] + len(subsets) * index[judged], return_inverse=True)[1]
    return TaskAnswers(
        task=task,
        people=people,
        person=person,
        role=rows["role"].to_numpy(zero_copy_only=False).astype(np.str_),
        positive=positive,
        expected=expected,
        item=item,
        left=left,
        response_ms=pc.fill_null(rows["response_ms"], float("nan")).to_numpy(),
    )


def _numbers(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Number the values of a column of texts: sorted values, and the position of every row's value in them."""
    encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names.astype(np.str_)) if len(names) else np.zeros(0, np.int64)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return tuple(names[order]), rank[encoded.indices.to_numpy()] if len(names) else np.zeros(0, np.int64)


def _equals(column: pa.ChunkedArray, value: str) -> NDArray[np.bool_]:
    return pc.fill_null(pc.equal(column, value), False).to_numpy(zero_copy_only=False).astype(bool)
