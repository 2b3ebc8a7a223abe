"""The rules that set people aside, with their figures."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import binom
from scipy.stats import t as student

from bappsmith.annotation.study.sentinels import SENTINELS as SENTINEL_KINDS

from .agreement import agreement
from .dawid_skene import dawid_skene, rates
from .report import Failure, PersonReport
from .response_time import response_times
from .self_consistency import self_consistency
from .sentinel_score import SENTINEL_MARKS, SentinelMark, sentinel_score
from .side_bias import side_bias
from .task_answers import NEVER_COUNTED, SET_ASIDE, TaskAnswers, task_answers, tasks_of

if TYPE_CHECKING:
    from bappsmith.annotation.study.settings import StudySettings
    from bappsmith.annotation.study.study import Study

SENTINELS = "sentinels"
TOO_FAST = "too fast"
CONSTANT_TIME = "constant time"
SIDE_BIAS = "side bias"
INCONSISTENT = "inconsistent"
DISAGREEMENT = "disagreement"
UNRELIABLE = "unreliable"
RULES = (SENTINELS, TOO_FAST, CONSTANT_TIME, SIDE_BIAS, INCONSISTENT, DISAGREEMENT, UNRELIABLE)
"""Names of all rules."""


@dataclass(frozen=True)
class Rules:
    """When somebody is set aside. Where no source is named, the value is chosen here, by the simulation in the docs.

    Attributes:
        sentinels: pass marks; 14 of 15 in 2AFC is that of Zhang et al. 2018.
        fastest_ms: smallest median response time. Pressing a key when anything appears, without any choice, takes
            people about 200 ms (Luce 1986); a choice between pictures takes longer.
        times: smallest number of answers for the two rules of time.
        least_spread: smallest interquartile range of the response time, as a share of the median. People's times vary
            in proportion to their mean (Wagenmakers and Brown 2007), a timer's do not.
        side_p: largest p-value of a side bias.
        side_share: smallest distance of the share of left answers from 1/2. Both must hold.
        consistency: share of equal answers to repeated items that people must not surely be below.
        consistency_p: largest p-value for "below".
        repeats: smallest number of repeats.
        relative_agreement: the relative agreement that people must not surely be below.
        agreement_p: largest p-value for "below".
        agreement_items: smallest number of items that two others judged.
        reliability: smallest reliability by Dawid and Skene.
        reliability_items: smallest number of items that two others judged, for it.
        median_reliability: smallest median over trusted people, for it. Where people hardly agree because the items are
            hard, up to 49 % of honest people are below .55; from a median of .7 on, 3 % at most.
    """

    sentinels: tuple[SentinelMark, ...] = SENTINEL_MARKS
    fastest_ms: float = 300
    times: int = 20
    least_spread: float = 0.1
    side_p: float = 0.001
    side_share: float = 0.25
    consistency: float = 0.65
    consistency_p: float = 0.001
    repeats: int = 10
    relative_agreement: float = 0.5
    agreement_p: float = 0.01
    agreement_items: int = 30
    reliability: float = 0.55
    reliability_items: int = 50
    median_reliability: float = 0.7

    @classmethod
    def of(cls, settings: StudySettings) -> Rules:
        """Return the default rules with the pass marks and the fastest time of a study."""
        afc, jnd, similar = settings.afc, settings.jnd, settings.similar
        kinds = SENTINEL_KINDS["jnd"](jnd.sentinels)
        marks = (
            SentinelMark("2afc", None, afc.pass_mark, afc.sentinels),
            SentinelMark("jnd", "same", jnd.pass_mark_identical, kinds.count("identical")),
            SentinelMark("jnd", "different", jnd.pass_mark_noisy, kinds.count("noisy")),
            SentinelMark("similar", None, similar.pass_mark, similar.sentinels),
        )
        return cls(sentinels=marks, fastest_ms=settings.fastest_ms)


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
    compared = _compare_all(answers, np.array([not own for own in failures], bool), rules)
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


@dataclass(frozen=True)
class _Compared:
    """How everybody compares with trusted others, shape (P,) each."""

    votes: NDArray[np.int64]
    items: NDArray[np.int64]
    alike: NDArray[np.float64]
    relative: NDArray[np.float64]
    reliability: NDArray[np.float64]
    disagrees: NDArray[np.bool_]
    unreliable: NDArray[np.bool_]


def _compare_all(answers: TaskAnswers, trusted: NDArray[np.bool_], rules: Rules) -> _Compared:
    """Compare people, take out of the trusted who disagrees with them, and again, until nobody is."""
    while True:
        compared = _compare(answers, trusted, rules)
        left_over = trusted & ~compared.disagrees & ~compared.unreliable
        if (left_over == trusted).all():
            return compared
        trusted = left_over


def _compare(answers: TaskAnswers, trusted: NDArray[np.bool_], rules: Rules) -> _Compared:
    items, alike, relative, z = agreement(answers, trusted, rules.relative_agreement)
    reliability = _learn(answers, trusted)
    votes = np.bincount(answers.person[answers.votes], minlength=len(answers.people))
    disagrees = (items >= rules.agreement_items) & (z <= student.ppf(rules.agreement_p, np.maximum(items - 1, 1)))
    enough = items >= rules.reliability_items
    judged = reliability[trusted & enough]
    telling = bool(len(judged)) and float(np.median(judged)) >= rules.median_reliability
    unreliable = enough & (reliability < rules.reliability) & telling
    return _Compared(votes, items, alike, relative, reliability, disagrees, unreliable)


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


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def judged_by_rules(votes: pa.Table, rules: Rules | None = None) -> tuple[list[PersonReport], pa.Table]:
    """Apply the rules to a table of answers.

    People whom a lab set aside for a reason of its own stay where they are.

    Args:
        votes: columns `VOTE_SCHEMA`.
        rules: None: the default ones.

    Returns:
        As `assess` does; and the table with `counted` and `reason` as the rules have it.
    """
    reports = assess(votes, rules)
    aside = {person: rule for person, rule in set_aside_people(votes).items() if rule not in RULES}
    aside = {**{person: failure.rule for person, failure in first_failures(reports).items()}, **aside}
    reasons = [
        before if before in NEVER_COUNTED else SET_ASIDE + aside[person] if person in aside else ""
        for person, before in zip(votes["person"].to_pylist(), votes["reason"].to_pylist(), strict=True)
    ]
    columns = {name: votes[name] for name in votes.schema.names}
    columns |= {
        "counted": pa.array([not reason for reason in reasons], pa.bool_()),
        "reason": pa.array(reasons, pa.string()),
    }
    return reports, pa.table(columns)


def apply_rules(study: Study, rules: Rules | None = None) -> list[PersonReport]:
    """Set aside who does not meet a rule, and take back who meets all of them again. Nothing is deleted.

    Args:
        study: open for writing.
        rules: None: the default ones, with the pass marks and the fastest time of the study's settings.

    Returns:
        As `assess` does.
    """
    votes = study.votes()
    reports = assess(votes, rules or Rules.of(study.settings))
    now, failed = set_aside_people(votes), first_failures(reports)
    for person, failure in failed.items():
        if person not in now or (now[person] in RULES and now[person] != failure.rule):
            study.set_aside(person, failure.rule, failure.detail)
    for person, rule in now.items():
        if rule in RULES and person not in failed:
            study.readmit(person)
    return reports


def first_failures(reports: list[PersonReport]) -> dict[str, Failure]:
    """Return the first rule that everybody who fails does not meet: hash → failure."""
    failed: dict[str, Failure] = {}
    for report in reports:
        for failure in report.failures:
            failed.setdefault(report.person, failure)
    return failed


def set_aside_people(votes: pa.Table) -> dict[str, str]:
    """Return who is set aside by a table of answers: hash → rule."""
    rows = votes.filter(pc.starts_with(votes["reason"], SET_ASIDE)).select(["person", "reason"])
    people = rows.group_by("person").aggregate([("reason", "min")])
    return {
        person: reason.removeprefix(SET_ASIDE)
        for person, reason in zip(people["person"].to_pylist(), people["reason_min"].to_pylist(), strict=True)
    }
