import math

import pytest

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import UnknownError


def test_an_answer_is_stored_once(study, begin):
    session, tab = begin(study, "anna")
    showing = study.next_showings(session, tab, 1)[0]
    answer = Answer(showing.id, "left", 612.5, 3_000.0, 3_000.0, 16.7, 180, False, 2.0, 4.0)
    assert study.answer(session, [answer, answer])[1].status == "again"
    assert study.answer(session, [answer])[0].status == "again"
    other = study.answer(session, [Answer(showing.id, "right", 612.5)])[0]
    assert (other.status, other.reason) == ("refused", "it was answered otherwise before, and the first answer stays")
    row = study.votes().to_pylist()[-1]
    assert (row["response_ms"], row["shown_ms"], row["asked_ms"], row["frame_ms"]) == (612.5, 3_000.0, 3_000.0, 16.7)
    assert study.check() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"choice": "p0"}, "choice must be one of left, right"),
        ({"choice": "same"}, "choice must be one of left, right"),
        ({"response_ms": math.nan}, "response_ms must be a time"),
        ({"response_ms": math.inf}, "response_ms must be a time"),
        ({"response_ms": 86_400_001.0}, "response_ms must be a time"),
        ({"response_ms": 10**400}, "response_ms must be a time"),
        ({"shown_ms": -1.0}, "shown_ms must be a time"),
        ({"frame_ms": math.nan}, "frame_ms must be a time"),
        ({"frames": -1}, "frames must be a whole number"),
        ({"frames": 10**30}, "frames must be a whole number"),
        ({"dpr": 0.0}, r"dpr must be in (0, 1000]"),
        ({"factor": math.nan}, r"factor must be in (0, 1000]"),
        ({"id": "nothing"}, "no such question"),
        ({"id": "\ud800"}, "no such question"),
        ({"id": "'; DROP TABLE answers; --"}, "no such question"),
    ],
)
def test_what_is_out_of_range_is_refused_and_the_others_stored(study, begin, change, reason):
    session, tab = begin(study, "anna")
    first, second = study.next_showings(session, tab, 2)
    bad = Answer(**{"id": first.id, "choice": "left", "response_ms": 500.0, **change})
    receipts = study.answer(session, [bad, Answer(second.id, "left", 500.0)])
    assert [receipt.status for receipt in receipts] == ["refused", "stored"]
    assert reason in receipts[0].reason
    assert study.progress().answers == 3
    assert study.check() == []


def test_answers_for_another_session_are_refused(study, begin):
    session, tab = begin(study, "anna")
    other, _ = begin(study, "bert")
    showing = study.next_showings(session, tab, 1)[0]
    assert study.answer(other, [Answer(showing.id, "left", 500.0)])[0].status == "refused"
    with pytest.raises(UnknownError):
        study.answer("nobody", [Answer(showing.id, "left", 500.0)])


@pytest.mark.parametrize("early", [{"early": True}, {"response_ms": -3.0}, {"response_ms": None}])
def test_an_early_answer_is_stored_and_its_item_asked_again(study, begin, early):
    session, tab = begin(study, "anna")
    items = [one for one in study.next_showings(session, tab, 12) if one.role == "item"]
    answer = Answer(**{"id": items[0].id, "choice": "left", "response_ms": 500.0, **early})
    assert study.answer(session, [answer])[0].status == "stored"
    row = study.votes().to_pylist()[-1]
    assert (row["counted"], row["reason"]) == (False, "early")
    progress = study.progress()
    assert (progress.votes, progress.open) == (0, len(items) - 1)
    assert study.check() == []


def test_only_training_tells_what_is_right(study):
    session = study.session_of(study.enter("link", "anna"), "jnd").id
    tab = study.open_tab(session)
    study.set_stage(session, "instructions")
    study.set_stage(session, "training")
    noisy, identical = study.next_showings(session, tab, 12)
    receipts = study.answer(session, [Answer(noisy.id, "same", 1.0), Answer(identical.id, "same", 1.0)])
    assert [receipt.right for receipt in receipts] == [False, True]
    study.set_stage(session, "questions")
    for showing in study.next_showings(session, tab, 12):
        assert study.answer(session, [Answer(showing.id, "same", 500.0)])[0].right is None


def test_a_late_answer_counts_while_its_item_lacks_votes(study, begin, clock):
    session, tab = begin(study, "anna")
    late = [one for one in study.next_showings(session, tab, 12) if one.role == "item"]
    clock.now += 31 * 60
    begin(study, "bert")  # leases return when someone needs an item
    assert study.progress().open == 0
    assert study.answer(session, [Answer(late[0].id, "left", 500.0)])[0].status == "stored"
    assert study.progress().votes == 1
    assert study.check() == []


def test_a_late_answer_is_refused_when_others_have_the_item(study, begin, answer_all, clock):
    session, tab = begin(study, "anna")
    late = [one for one in study.next_showings(session, tab, 12) if one.role == "item"]
    clock.now += 31 * 60
    for name in ("b", "c", "d", "e"):  # of ten items with two votes each, nothing stays
        answer_all(study, *begin(study, name))
    receipts = study.answer(session, [Answer(one.id, "left", 500.0) for one in late])
    assert {receipt.status for receipt in receipts} == {"refused"}
    assert "went back to the others" in receipts[0].reason
    assert study.check() == []
