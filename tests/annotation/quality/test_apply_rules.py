from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from bappsmith.annotation.quality.apply_rules import apply_rules, judged_by_rules, set_aside_people
from bappsmith.annotation.quality.assess import assess
from bappsmith.annotation.study.settings import StudySettings


@dataclass
class FakeStudy:
    """Keeps answers, and who is set aside, as a study does."""

    answers: pa.Table
    aside: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    settings: StudySettings = field(default_factory=StudySettings)

    def votes(self) -> pa.Table:
        people = self.answers["person"].to_pylist()
        reasons = [f"set aside: {self.aside[one]}" if one in self.aside else "" for one in people]
        columns = {name: self.answers[name] for name in self.answers.schema.names}
        counted = pa.array([not reason for reason in reasons])
        return pa.table({**columns, "counted": counted, "reason": pa.array(reasons, pa.string())})

    def set_aside(self, person: str, rule: str, detail: str) -> None:
        assert detail
        self.aside[person] = rule
        self.calls.append(("set aside", person, rule))

    def readmit(self, person: str) -> None:
        del self.aside[person]
        self.calls.append(("readmit", person))


def test_who_is_set_aside_now_changes_nothing(crowd: pa.Table):
    study = FakeStudy(crowd, {f"{k:032x}": "sentinels" for k in (0, 1, 20)})
    assert repr(assess(study.votes())) == repr(assess(crowd))  # NaN differs from itself, its text does not


def test_rules_are_applied_once(crowd: pa.Table):
    study = FakeStudy(crowd)
    apply_rules(study)
    assert sorted(study.aside) == [f"{k:032x}" for k in range(20, 25)]
    study.calls.clear()
    apply_rules(study)
    assert not study.calls


def test_who_passes_again_is_readmitted_but_not_whom_a_lab_set_aside(crowd: pa.Table):
    study = FakeStudy(crowd, {f"{0:032x}": "sentinels", f"{1:032x}": "asked to leave", f"{20:032x}": "asked to leave"})
    apply_rules(study)
    assert ("readmit", f"{0:032x}") in study.calls
    assert study.aside[f"{1:032x}"] == study.aside[f"{20:032x}"] == "asked to leave"


def test_a_table_can_be_judged_without_a_study(crowd: pa.Table):
    study = FakeStudy(crowd, {f"{0:032x}": "sentinels", f"{2:032x}": "asked to leave"})
    _, judged = judged_by_rules(study.votes())
    aside = set_aside_people(judged)
    assert sorted(aside) == [f"{k:032x}" for k in (2, 20, 21, 22, 23, 24)]
    assert judged.schema.names == crowd.schema.names
    assert not any(row["counted"] for row in judged.to_pylist() if row["person"] in aside)
