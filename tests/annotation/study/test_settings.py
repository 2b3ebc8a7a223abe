import pytest
from pydantic import ValidationError

from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.task import TASKS


def test_defaults_are_those_of_the_paper():
    settings = StudySettings()
    afc, jnd = settings.afc, settings.jnd
    assert (afc.sentinels, round(afc.pass_mark * 15), afc.show_ms) == (15, 14, 3_000)
    assert (jnd.items, jnd.sentinels, jnd.first_ms, jnd.gap_ms, jnd.second_ms) == (160, 40, 1_000, 250, 1_000)
    assert [type(settings.of(task)).__name__ for task in TASKS] == ["TwoAlternatives", "JustNoticeable", "Similar"]


def test_whoever_always_says_same_fails_the_jnd_sentinels():
    assert StudySettings().jnd.pass_mark_noisy > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"votes": 0},
        {"votes": True},
        {"lease_minutes": 0},
        {"lease_minutes": float("nan")},
        {"next": "cleverly"},
        {"language": "../etc"},
        {"language": ""},
        {"completion_code": "<b>"},
        {"seed": -1},
        {"afc": {"pass_mark": 1.1}},
        {"jnd": {"show_ms": 3}},
        {"unknown": 1},
    ],
)
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(ValidationError):
        StudySettings.model_validate(wrong)


def test_settings_survive_json():
    settings = StudySettings.model_validate({"votes": 3, "language": "pt-BR", "afc": {"show_ms": 0}})
    assert StudySettings.model_validate_json(settings.model_dump_json()) == settings
