"""How far a study is, how well people agree, and who is set aside: for a command and for a page."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bappsmith.annotation.quality.apply_rules import judged_by_rules, set_aside_people
from bappsmith.annotation.quality.report import PersonReport
from bappsmith.annotation.quality.rules import Rules

from .ceiling import TaskCeiling, task_ceilings
from .item_votes import counted_votes
from .raw_votes import numbers_of_people

if TYPE_CHECKING:
    from bappsmith.annotation.study.progress import Progress
    from bappsmith.annotation.study.study import Study

NUMBERS = "numbers of people"
"""Purpose of the key that decides the numbers of people."""
RECENT_S = 3600.0
"""Seconds whose votes say how fast votes come in."""


@dataclass(frozen=True)
class TimeLeft:
    """How long the study will take.

    Attributes:
        missing: votes that items still lack.
        per_hour: votes in the last hour.
        hours: `missing` / `per_hour`; None: no vote in the last hour.
        work_hours: hours of people's attention that the missing votes take, at the pace of the median session; None:
            unknown.
    """

    missing: int
    per_hour: int
    hours: float | None
    work_hours: float | None


@dataclass(frozen=True)
class StudyStatus:
    """What is known of a study.

    Attributes:
        folder: of the study.
        progress: items, votes, people.
        time_left: see `TimeLeft`.
        ceilings: agreement and ceilings by task; a task without votes is missing.
        people: measures of everybody, by task.
        set_aside: hash → rule.
        numbers: hash → number of a person, as in the raw votes.
    """

    folder: str
    progress: Progress
    time_left: TimeLeft
    ceilings: list[TaskCeiling]
    people: list[PersonReport]
    set_aside: dict[str, str]
    numbers: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return JSON values. People are numbers; no hash is among them."""
        people = [
            {**report.to_json(self.numbers[report.person]), "set_aside": self.set_aside.get(report.person)}
            for report in self.people
        ]
        return {
            "study": self.folder,
            "progress": asdict(self.progress),
            "time_left": asdict(self.time_left),
            "tasks": [ceiling.to_json() for ceiling in self.ceilings],
            "people": sorted(people, key=lambda person: (person["task"], person["person"])),
        }


def study_status(study: Study, rules: Rules | None = None, *, now: float | None = None) -> StudyStatus:
    """Read the status of a study, as it is when the rules are applied. Nothing is changed: `apply_rules` does that.

    Args:
        study: open for reading or writing.
        rules: None: the default ones with the settings of the study.
        now: unix s; None: the clock.
    """
    progress = study.progress()
    reports, votes = judged_by_rules(study.votes(), rules or Rules.of(study.settings))
    return StudyStatus(
        str(study.folder),
        progress,
        time_left(votes, progress.wanted - progress.votes, time.time() if now is None else now),
        task_ceilings(votes),
        reports,
        set_aside_people(votes),
        numbers_of_people(votes, study.secret.key(NUMBERS)),
    )


def time_left(votes: pa.Table, missing: int, now: float) -> TimeLeft:
    """Estimate how long the missing votes will take.

    Args:
        votes: columns `VOTE_SCHEMA`.
        missing: votes that items still lack.
        now: unix s.
    """
    counted = counted_votes(votes)
    recent = int(pc.sum(pc.greater(counted["received"], now - RECENT_S)).as_py() or 0)
    online = votes.filter(pc.not_equal(votes["platform"], "import"))
    sessions = online.group_by("session").aggregate([("received", "min"), ("received", "max"), ("received", "count")])
    answers = sessions["received_count"].to_numpy()
    took = sessions["received_max"].to_numpy() - sessions["received_min"].to_numpy()
    paces = took[took > 0] / (answers[took > 0] - 1)
    pace = float(np.median(paces)) if len(paces) else math.nan
    share = len(counted) / len(votes) if len(votes) else math.nan  # sentinels and repeats take time too
    work = missing * pace / share / 3600 if share > 0 and not math.isnan(pace) else None
    return TimeLeft(missing, recent, missing / recent if recent else None, work)
