"""Reliabilities of annotators, learnt from their votes alone (Dawid and Skene 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

TOLERANCE = 1e-9
"""EM ends when no posterior changes by more."""
ITERATIONS = 2000
"""EM ends after so many steps at the latest."""
MOST = 0.999
"""Highest reliability. An annotator who is never wrong would decide alone, whatever the others say."""
STRENGTH = 100.0
"""Votes that the reliability over all groups counts for in each group. Chosen here."""


@dataclass(frozen=True)
class Reliabilities:
    """What was learnt from votes.

    Attributes:
        posterior: probability that p1 is the closer one, float64, shape (N,).
        overall: reliability of every annotator: the probability that a vote is right; float64, shape (A,), in [0.5, 1).
        by_group: the same in every group, shape (G, A).
    """

    posterior: NDArray[np.float64]
    overall: NDArray[np.float64]
    by_group: NDArray[np.float64]


def learn_reliabilities(votes: NDArray[np.float64], groups: NDArray[np.int64]) -> Reliabilities:
    """Learn how reliable annotators are, and what is probably true, by expectation maximisation.

    This is the model of Dawid and Skene with one reliability per annotator and group, the same for both sides, since a
    side means nothing. Within a group, votes are independent given the truth. p0 and p1 are equally likely before.
    Reliabilities are at least 1/2, so that the solution with all votes turned round is excluded.

    EM starts from the majority: the posterior is the share of votes for p1. The M-step takes the expected share of
    right votes. In a group, `STRENGTH` votes of the overall reliability are added, so that small groups follow it. One
    right and one wrong vote are added to every overall share.

    Args:
        votes: 1 for p1, -1 for p0, 0 for none; shape (N, A).
        groups: group of every item, from 0; shape (N,).
    """
    present = np.abs(votes)
    number = present.sum(axis=1)
    posterior = 0.5 + 0.5 * votes.sum(axis=1) / np.maximum(number, 1)
    size = int(groups.max(initial=-1)) + 1
    members = np.zeros((size, votes.shape[1]))
    np.add.at(members, groups, present)
    overall, by_group = np.full(votes.shape[1], 0.5), members
    for _ in range(ITERATIONS):
        right = present * np.where(votes > 0, posterior[:, None], 1 - posterior[:, None])
        overall = np.clip((right.sum(axis=0) + 1) / (present.sum(axis=0) + 2), 0.5, MOST)
        sums = np.zeros_like(members)
        np.add.at(sums, groups, right)
        by_group = np.clip((sums + STRENGTH * overall) / (members + STRENGTH), 0.5, MOST)
        before, posterior = posterior, expit((votes * logit(by_group)[groups]).sum(axis=1))
        if np.abs(posterior - before).max(initial=0) <= TOLERANCE:
            break
    return Reliabilities(posterior, overall, by_group)
