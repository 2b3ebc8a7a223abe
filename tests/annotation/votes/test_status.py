from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study
from bappsmith.annotation.votes.import_votes import import_votes
from bappsmith.annotation.votes.status import study_status, time_left


def test_time_left_from_the_last_hour_and_from_the_pace_of_sessions(simulated: ModuleType):
    votes = simulated.simulate([simulated.HONEST] * 4, np.zeros(80), per_session=20)  # one answer per second
    last = max(votes["received"].to_pylist())
    left = time_left(votes, 160, last)
    assert (left.missing, left.per_hour, left.hours) == (160, 80, 2)
    assert left.work_hours == pytest.approx(160 * 40 / 20 / 3600)  # 40 answers for 20 votes
    assert time_left(votes, 160, last + 10_000).hours is None
    nothing = time_left(votes.slice(0, 0), 5, last)
    assert (nothing.per_hour, nothing.hours, nothing.work_hours) == (0, None, None)


def test_a_study_from_its_beginning(tmp_path: Path, finished: dict[str, Path]):
    source = DatasetSource(finished["folders"], ["2afc/val/a"])
    with Study.create(tmp_path / "study", source) as study:
        empty = study_status(study).to_json()
        assert (empty["tasks"], empty["people"], empty["progress"]["votes"]) == ([], [], 0)
        file = tmp_path / "votes.csv"
        lines = [f"2afc/val/a,{k},{who},{'p1' if k % 2 else 'p0'}" for k in range(6) for who in ("anna", "ben")]
        file.write_text("\n".join(["subset,index,person,choice", *lines]))
        import_votes(study, source, file)
        status = study_status(study)
    json.dumps(status.to_json(), allow_nan=False)
    assert status.to_json()["tasks"][0]["alpha"]["value"] == 1
    assert [person["person"] for person in status.to_json()["people"]] == ["p0001", "p0002"]
    assert not any(person in json.dumps(status.to_json()) for person in status.numbers)
