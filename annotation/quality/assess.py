"""Measure everybody who answered, and find who does not meet a rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import binom

from .comparison import compare_people
from .report import Failure, PersonReport
from .response_time import response_times
from .rules import CONSTANT_TIME, DISAGREEMENT, INCONSISTENT, SENTINELS, SIDE_BIAS, TOO_FAST, UNRELIABLE, Rules
from .self_consistency import self_consistency
from .sentinel_score import sentinel_score
from .side_bias import side_bias
from .task_answers import TaskAnswers, task_answers, tasks_of


def assess(votes: pa.Table, rules: Rules | None = None) -> list[PersonReport]:
    """Measure everybody, and find who does not meet a rule.

    Who is set aside at the moment makes no difference. First come the rules that need only a person's own answers.
    Those who meet them are compared with each other, and those who disagree are taken out until nobody is.

    Args:
        votes: columns `VOTE_SCHEMA`.
        rules: None: the default ones.

    Returns:
        One report per task and person, in the order of tasks and hashes.
    """
    return [report for task in tasks_of(votes) for report in _assess_task(task_answers(votes, task), rules or Rules())]


def _assess_task(answers: TaskAnswers, rules: Rules) -> list[PersonReport]:
    size = len(answers.people)
    failures: list[list[Failure]] = [[] for _ in range(size)]

    def check(rule: str, fails: NDArray[np.bool_], detail: Callable[[int], str]) -> None:
        for person in np.flatnonzero(fails).tolist():
            failures[person].append(Failure(rule, detail(person)))

    sentinels = np.zeros((2, size), np.int64)
    for mark in rules.sentinels:
        if mark.task == answers.task:
            right, total = sentinel_score(answers, mark)
            sentinels += right, total
            kind = f" '{mark.expected}'" if mark.expected else ""
            check(
                SENTINELS,
                ~mark.passed(right, total),
                lambda p, right=right, total=total, mark=mark, kind=kind: (
                    f"{right[p]} of {total[p]} sentinels{kind} right, at least {100 * mark.share:.1f} % pass"
                ),
            )
    timed, median, spread = response_times(answers)
    enough = timed >= rules.times
    check(
        TOO_FAST,
        enough & (median < rules.fastest_ms),
        lambda p: f"median {median[p]:.0f} ms over {timed[p]} answers, at least {rules.fastest_ms:.0f} ms pass",
    )
    check(
        CONSTANT_TIME,
        enough & (spread < rules.least_spread),
        lambda p: (
            f"the middle half of {timed[p]} response times lies within {100 * spread[p]:.1f} % of the median, at least "
            f"{100 * rules.least_spread:.0f} % pass"
        ),
    )
    left, sided, left_p = side_bias(answers)
    left_share = _share(left, sided)
    check(
        SIDE_BIAS,
        (left_p <= rules.side_p) & (np.abs(left_share - 0.5) >= rules.side_share),
        lambda p: f"left in {left[p]} of {sided[p]} answers, p = {left_p[p]:.1g}",
    )
    equal, repeats, consistency = self_consistency(answers)
    check(
        INCONSISTENT,
        (repeats >= rules.repeats) & (binom.cdf(equal, repeats, rules.consistency) <= rules.consistency_p),
        lambda p: f"the same answer to {equal[p]} of {repeats[p]} repeated items",
    )
    compared = compare_people(answers, np.array([not own for own in failures], bool), rules)
    check(
        DISAGREEMENT,
        compared.disagrees,
        lambda p: (
            f"agrees with {100 * compared.alike[p]:.1f} % of the others' votes on {compared.items[p]} items, relative "
            f"agreement {compared.relative[p]:.2f}, surely below {rules.relative_agreement:g}"
        ),
    )
    check(
        UNRELIABLE,
        compared.unreliable,
        lambda p: (
            f"reliability {compared.reliability[p]:.2f} over {compared.items[p]} items, at least "
            f"{rules.reliability:g} pass"
        ),
    )
    return [
        PersonReport(
            person=person,
            task=answers.task,
            votes=int(compared.votes[p]),
            sentinels_right=int(sentinels[0, p]),
            sentinels=int(sentinels[1, p]),
            median_ms=float(median[p]),
            spread=float(spread[p]),
            left=float(left_share[p]),
            left_p=float(left_p[p]) if sided[p] else float("nan"),
            consistent=int(equal[p]),
            repeats=int(repeats[p]),
            consistency=float(consistency[p]),
            agreement=float(compared.alike[p]),
            relative_agreement=float(compared.relative[p]),
            reliability=float(compared.reliability[p]),
            failures=tuple(failures[p]),
        )
        for p, person in enumerate(answers.people)
    ]


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
