"""What to ask next while people vote: items whose side one more vote would tell most about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc

from .information import entropy
from .selection_file import Selection

PRIOR_VOTES = 2.0
"""Votes that are known of every item before the first one: Beta(1, 1) without metrics, and as many if they expect
something. Chosen here."""
FOR_P1 = {"p1", "same", "similar"}
"""Choices that count for the side whose share a labelling gives."""


class Answered(Protocol):
    """What is read of a study."""

    def votes(self) -> pa.Table:
        """Return one row per answer, with the columns of `VOTE_SCHEMA`."""
        ...


def information_of_next_vote(
    for_p1: ArrayLike, votes: ArrayLike, expected: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return how much the next vote is expected to tell about which side most people take, in bits.

    The share θ of people who take p1's side has the prior Beta(s·e, s·(1 - e)), with e the expected share and s =
    `PRIOR_VOTES`, and after k of n votes the posterior Beta(s·e + k, s·(1 - e) + n - k). Let Y say whether θ > 1/2. The
    information is H(Y) less the mean of H(Y) after the vote, whose outcome has the posterior mean of θ as probability.

    It falls with every vote, and fastest for items on which people agree. 5 of 5 votes leave less to learn than 3 of 5.

    Args:
        for_p1: votes for p1 (JND: "the same"), k, shape (N,).
        votes: all votes n, shape (N,).
        expected: share of votes for p1 that metrics expect, e, shape (N,), in (0, 1); None: 1/2.

    Returns:
        Shape (N,), in [0, 1].

    Examples:
        >>> information_of_next_vote([0, 1, 3, 5], [0, 2, 5, 5]).round(3).tolist()
        [0.189, 0.104, 0.059, 0.011]
    """
    k, n = np.asarray(for_p1, np.float64), np.asarray(votes, np.float64)
    share = np.full(k.shape, 0.5) if expected is None else np.asarray(expected, np.float64)
    alpha, beta = PRIOR_VOTES * share + k, PRIOR_VOTES * (1 - share) + n - k
    mean = alpha / (alpha + beta)
    after = mean * _side_entropy(alpha + 1, beta) + (1 - mean) * _side_entropy(alpha, beta + 1)
    return np.maximum(_side_entropy(alpha, beta) - after, 0)


def _side_entropy(alpha: NDArray[np.float64], beta: NDArray[np.float64]) -> NDArray[np.float64]:
    return entropy(np.clip(betaincc(alpha, beta, 0.5), 0, 1))


def next_priorities(study: Answered, selection: Selection | None = None) -> Iterator[tuple[str, int, float]]:
    """Return the priorities of items from the votes so far, for `Study.set_priorities`.

    Args:
        study: its counted answers to items are votes; answers to repeats, sentinels and training are not.
        selection: with the column "expected", metrics say what is expected before the first vote. Without it, items
            that nobody has answered yet get no row: they must keep a priority above `FIRST`, that of any answered one.

    Returns:
        (subset, index, bits) of every item with a vote, and of every item of the selection.
    """
    known = {} if selection is None or "expected" not in selection.scores else _expected(selection)
    counts = dict.fromkeys(known, (0, 0)) | _counts(study.votes())
    if not counts:
        return
    for_p1, votes = np.array(list(counts.values()), np.float64).T
    expected = np.array([known.get(item, 0.5) for item in counts])
    bits = information_of_next_vote(for_p1, votes, expected)
    for (subset, index), value in zip(counts, bits.tolist(), strict=True):
        yield subset, index, value


FIRST = float(information_of_next_vote([0], [0])[0])
"""Information of the first vote on an item of which nothing is known, bits."""


def _expected(selection: Selection) -> dict[tuple[str, int], float]:
    shares = np.clip(np.nan_to_num(selection.scores["expected"], nan=0.5), 0.05, 0.95)
    items = zip(selection.subsets, selection.indices.tolist(), strict=True)
    return dict(zip(items, shares.tolist(), strict=True))


def _counts(votes: pa.Table) -> dict[tuple[str, int], tuple[int, int]]:
    """Count the votes of every item: (for p1, all)."""
    counts: dict[tuple[str, int], tuple[int, int]] = {}
    columns = (votes[name].to_pylist() for name in ("subset", "index", "choice", "role", "counted"))
    for subset, index, choice, role, counted in zip(*columns, strict=True):
        if counted and role == "item":
            k, n = counts.get((subset, index), (0, 0))
            counts[subset, index] = (k + (choice in FOR_P1), n + 1)
    return counts
