"""HTML of the status: figures in words, and everything escaped."""

import pytest

from bappsmith.annotation.server.status_page import status_page

ESTIMATE = {"value": 0.7613, "low": 0.75, "high": 0.772}
NONE = {"value": None, "low": None, "high": None}
PROGRESS = {
    "items": 8000, "wanted": 40000, "votes": 39999, "complete": 7999, "open": 1, "sessions": 12, "finished": 10,
    "people": 9, "set_aside": 1, "withdrawn": 0, "answers": 47956, "tasks": {},
}  # fmt: skip
PERSON = {
    "person": "p0001", "task": "2afc", "votes": 20, "sentinels_right": 9, "sentinels": 15, "median_ms": 1540.0,
    "left": 0.5, "consistent": 3, "repeats": 5, "agreement": None, "set_aside": "sentinels",
    "failures": [{"rule": "sentinels", "detail": "9 of 15 <right>"}],
}  # fmt: skip


def page(**changes):
    status = {
        "study": "/data/<b>mine</b>-study",
        "progress": PROGRESS,
        "time_left": {"missing": 1, "per_hour": 60, "hours": 1 / 60, "work_hours": 50.0},
        "tasks": [
            {"task": "2afc", "items": 8000, "alpha": NONE, "human": ESTIMATE, "published": ESTIMATE, "best": ESTIMATE}
        ],
        "people": [PERSON],
    }
    return status_page(status | changes)


def test_figures():
    text = page()
    for words in ("39,999 of 40,000 votes (99 %)", "7,999 of 8,000", "10 finished", "2 under way", "1 min", "2.1 days"):
        assert words in text
    for words in (
        "76.1 (75.0 to 77.2)",
        "p0001",
        "9 of 15",
        "1.5 s",
        "50 %",
        "3 of 5",
        "sentinels: 9 of 15 &lt;right&gt;",
    ):
        assert words in text
    assert "None" not in text
    assert "nan" not in text


def test_nothing_is_html_by_itself():
    text = page(people=[{**PERSON, "task": "<script>alert(1)</script>"}])
    assert "<b>" not in text
    assert "<script" not in text
    assert "/data" not in text


def test_a_page_of_many_people_is_bounded():
    text = page(people=[PERSON] * 1500)
    assert text.count("<tr><td>p0001") == 1000
    assert "The first 1,000 of 1,500." in text


@pytest.mark.parametrize(
    ("hours", "words"), [(None, "unknown"), (0, "none"), (0.001, "1 min"), (1.26, "1.3 h"), (72, "3.0 days")]
)
def test_hours(hours, words):
    text = page(time_left={"missing": 1, "per_hour": 0, "hours": hours, "work_hours": None})
    assert f"<dd>{words}<small>" in text
