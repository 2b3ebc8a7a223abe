from dataclasses import replace

import pytest

from bappsmith.annotation.quality.rules import Rules
from bappsmith.annotation.study.sentinels import SENTINELS
from bappsmith.annotation.study.settings import StudySettings


@pytest.mark.parametrize("count", range(1, 13))
def test_marks_have_as_many_sentinels_as_a_session(count: int):
    rules = Rules.of(StudySettings.model_validate({"jnd": {"sentinels": count}}))
    sessions = {mark.expected: mark.session for mark in rules.sentinels if mark.task == "jnd"}
    kinds = SENTINELS["jnd"](count)
    assert sessions == {"same": kinds.count("identical"), "different": kinds.count("noisy")}


def test_the_rules_of_a_study_have_its_marks():
    settings = StudySettings.model_validate({"fastest_ms": 100, "afc": {"pass_mark": 0.5, "sentinels": 4}})
    rules = Rules.of(settings)
    assert rules.fastest_ms == 100
    assert next((mark.share, mark.session) for mark in rules.sentinels) == (0.5, 4)
    assert replace(rules, fastest_ms=300, sentinels=()) == Rules(sentinels=())
    assert Rules.of(StudySettings()).sentinels == Rules().sentinels
