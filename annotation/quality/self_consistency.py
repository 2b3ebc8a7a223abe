"""Self-consistency: whether people give the same answer when an item comes again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .task_answers import TaskAnswers


def self_consistency(answers: TaskAnswers) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Compare the answers to repeated items with the first ones.

    Returns:
        Equal answers; answers to repeated items; chance-corrected consistency (o - e) / (1 - e), where o is the share
        of equal answers and e the share expected by chance. In 2AFC e is 1/2, because the order of p0 and p1 means
        nothing. Elsewhere e = q² + (1 - q)², where q is the person's share of "same" or "similar" in both answers
        (Scott 1955). NaN without repeats, or if all answers are the same and chance explains everything. Shape (P,)
        each.
    """
    size, keys = len(answers.people), answers.person * (answers.items + 1) + answers.item
    firsts = np.flatnonzero(answers.votes)
    firsts = firsts[np.argsort(keys[firsts], kind="stable")]
    again = np.flatnonzero((answers.role == "repeat") & (answers.item >= 0))
    at = np.searchsorted(keys[firsts], keys[again])
    found = at < len(firsts)
    found[found] = keys[firsts[at[found]]] == keys[again[found]]
    first, second, who = firsts[at[found]], again[found], answers.person[again[found]]
    same = answers.positive[first] == answers.positive[second]
    equal, total = np.bincount(who[same], minlength=size), np.bincount(who, minlength=size)
    if answers.task == "2afc":
        chance = np.full(size, 0.5)
    else:
        both = answers.positive[first].astype(float) + answers.positive[second]
        share = np.bincount(who, both, minlength=size) / np.maximum(2 * total, 1)
        chance = share**2 + (1 - share) ** 2
    known = (total > 0) & (chance < 1)
    corrected = np.full(size, np.nan)
    corrected[known] = (equal[known] / total[known] - chance[known]) / (1 - chance[known])
    return equal, total, corrected
