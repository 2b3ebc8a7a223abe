"""The load test in its smallest form: five people, and a server that is killed once."""

import json
from pathlib import Path

import load
import pytest


@pytest.mark.slow
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path):
    sizes = [
        "--sessions",
        "5",
        "--items",
        "10",
        "--votes",
        "2",
        "--kills",
        "1",
        "--careless",
        "0.2",
        "--malicious",
        "0.2",
    ]
    out = tmp_path / "load.json"
    load.main(["--folder", str(tmp_path), "--seconds", "0", "--out", str(out), *sizes])
    judged = json.loads(out.read_text())["judged"]
    assert judged["kills"] == 1
    assert judged["exit_status"] == 0
    assert judged["codes"] == 5
    assert judged["acknowledged"] == judged["stored"] >= 5 * 25
    for what in ("acknowledged_and_not_stored", "stored_and_not_acknowledged", "stored_with_another_choice"):
        assert judged[what] == 0
    assert judged["counters_that_differ"] == 0
    assert judged["forged_requests_taken"] == {}
    assert judged["complete"] == judged["items"] == 25
    assert judged["set_aside"]["careless"]["set aside"] == 1
    assert judged["set_aside"]["malicious"]["set aside"] == 1


@pytest.mark.parametrize(
    ("p", "votes", "right"), [(1.0, 5, 1.0), (0.5, 5, 0.5), (0.9, 1, 0.9), (0.8, 2, 0.64 / 0.68), (0.2, 1, 0.8)]
)
def test_how_often_a_majority_is_right(p, votes, right):
    assert load.majority_right(p, votes) == pytest.approx(right)
