"""Set aside who does not meet a rule: in a study, or in a table of answers."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from .assess import assess
from .report import Failure, PersonReport
from .rules import RULES, Rules
from .task_answers import NEVER_COUNTED, SET_ASIDE

if TYPE_CHECKING:
    from bappsmith.annotation.study.study import Study


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
