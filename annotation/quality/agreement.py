"""Agreement of every person with the others, who are left to themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .task_answers import TaskAnswers


def agreement(
    answers: TaskAnswers, trusted: NDArray[np.bool_], least: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compare every person's votes with those of the trusted others, item by item.

    Only items with at least two votes of others count. On an item with k of n votes of others for p1, a person who
    chooses p1 agrees with k / n of them; two of the others agree with probability
    (k (k - 1) + (n - k) (n - k - 1)) / (n (n - 1)); and somebody who answers by chance agrees with
    q k / n + (1 - q) (1 - k / n) of them, where q is 1/2 in 2AFC and the person's own share of "same" elsewhere. The
    relative agreement is (person - chance) / (others - chance): about 1 for one of them, 0 for one who does not look,
    below 0 for one who answers wrongly on purpose.

    Args:
        answers: to one task.
        trusted: people whose votes others are compared with, shape (P,).
        least: relative agreement that is tested against.

    Returns:
        Number of items; share of others who agree; relative agreement; and the t statistic, the mean over the items of
        person - chance - `least` · (others - chance) in standard errors: far below 0 if the relative agreement is
        surely below `least`. Shape (P,) each; NaN without items.
    """
    votes = np.flatnonzero(answers.votes)
    person, item, value = answers.person[votes], answers.item[votes], answers.positive[votes].astype(float)
    size, weight = len(answers.people), trusted[person].astype(float)
    n = np.bincount(item, weight, minlength=answers.items)[item] - weight
    k = np.bincount(item, weight * value, minlength=answers.items)[item] - weight * value
    enough = n > 1.5
    person, value, n, k = person[enough], value[enough], n[enough], k[enough]
    count = np.bincount(person, minlength=size)
    share = k / n
    alike = np.where(value == 1, share, 1 - share)
    others = (k * (k - 1) + (n - k) * (n - k - 1)) / (n * (n - 1))
    own = np.full(size, 0.5) if answers.task == "2afc" else _mean(person, value, count)
    chance = own[person] * share + (1 - own[person]) * (1 - share)
    gap = _mean(person, others - chance, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(np.abs(gap) > 1e-9, _mean(person, alike - chance, count) / gap, np.nan)
    difference = alike - chance - least * (others - chance)
    mean = _mean(person, difference, count)
    square = _mean(person, difference**2, count)
    error = np.sqrt(np.maximum(square - mean**2, 1e-12) / np.maximum(count - 1, 1))
    return count, _mean(person, alike, count), relative, mean / error


def _mean(person: NDArray[np.int64], values: NDArray[np.float64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    sums = np.bincount(person, values, minlength=len(count))
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)
