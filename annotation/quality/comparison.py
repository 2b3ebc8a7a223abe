"""Compare the people of a task with each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from .agreement import agreement
from .dawid_skene import dawid_skene, rates
from .rules import Rules
from .task_answers import TaskAnswers


@dataclass(frozen=True)
class Comparison:
    """How everybody compares with trusted others, shape (P,) each.

    Attributes:
        votes: votes of a person.
        items: items on which the person can be compared.
        alike: share of the others' votes that the person agrees with.
        relative: relative agreement, see `agreement`.
        reliability: by Dawid and Skene.
        disagrees: whether the relative agreement is surely too low.
        unreliable: whether the reliability is too low, where it says anything.
    """

    votes: NDArray[np.int64]
    items: NDArray[np.int64]
    alike: NDArray[np.float64]
    relative: NDArray[np.float64]
    reliability: NDArray[np.float64]
    disagrees: NDArray[np.bool_]
    unreliable: NDArray[np.bool_]


def compare_people(answers: TaskAnswers, trusted: NDArray[np.bool_], rules: Rules) -> Comparison:
    """Compare people, take those who disagree out of the trusted, and compare again, until nobody disagrees.

    Args:
        answers: of one task.
        trusted: who meets the rules that need only a person's own answers, shape (P,).
        rules: limits of agreement and reliability.
    """
    while True:
        compared = _compare(answers, trusted, rules)
        left_over = trusted & ~compared.disagrees & ~compared.unreliable
        if (left_over == trusted).all():
            return compared
        trusted = left_over


def _compare(answers: TaskAnswers, trusted: NDArray[np.bool_], rules: Rules) -> Comparison:
    items, alike, relative, z = agreement(answers, trusted, rules.relative_agreement)
    reliability = _learn(answers, trusted)
    votes = np.bincount(answers.person[answers.votes], minlength=len(answers.people))
    disagrees = (items >= rules.agreement_items) & (z <= student.ppf(rules.agreement_p, np.maximum(items - 1, 1)))
    enough = items >= rules.reliability_items
    judged = reliability[trusted & enough]
    telling = bool(len(judged)) and float(np.median(judged)) >= rules.median_reliability
    unreliable = enough & (reliability < rules.reliability) & telling
    return Comparison(votes, items, alike, relative, reliability, disagrees, unreliable)


def _learn(answers: TaskAnswers, trusted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Learn reliabilities, shape (P,). Those of people who are not trusted follow from the answers of the others.

    Only items with votes of others say anything; NaN for people who judged no such item.
    """
    votes = np.flatnonzero(answers.votes)
    item, person, positive = answers.item[votes], answers.person[votes], answers.positive[votes]
    number = np.bincount(item[trusted[person]], minlength=answers.items)[item]
    size, symmetric = len(answers.people), answers.task == "2afc"
    inside, outside = trusted[person] & (number > 1), ~trusted[person] & (number > 0)
    learnt = dawid_skene(item[inside], person[inside], positive[inside], answers.items, size, symmetric=symmetric)
    sensitivity, specificity = rates(
        person[outside], positive[outside], learnt.posterior[item[outside]], size, symmetric=symmetric
    )
    known = np.bincount(person[inside | outside], minlength=size) > 0
    reliability = np.where(trusted, learnt.reliability, (sensitivity + specificity) / 2)
    return np.where(known, reliability, np.nan)
