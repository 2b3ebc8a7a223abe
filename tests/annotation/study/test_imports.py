import dataclasses
import math

import pytest

from bappsmith.annotation.study.imports import ImportedVote

VOTE = ImportedVote("Worker 17 <w@x.org>", "2afc/train/a", 3, "p1", 812.0, True, 1_700_000_000.0)


def test_a_vote_from_elsewhere_is_stored_once(study):
    assert [receipt.status for receipt in study.import_votes([VOTE, VOTE])] == ["stored", "again"]
    assert study.import_votes([VOTE])[0].status == "again"
    other = study.import_votes([dataclasses.replace(VOTE, choice="p0")])[0]
    assert (other.status, other.reason) == (
        "refused",
        "this person judged the item otherwise before, and the first answer stays",
    )
    (row,) = study.votes().to_pylist()
    assert (row["platform"], row["role"], row["subset"], row["index"]) == ("import", "item", "2afc/train/a", 3)
    assert (row["choice"], row["p1_left"], row["response_ms"], row["received"]) == ("p1", True, 812.0, 1_700_000_000.0)
    assert study.check() == []
    study.close()
    assert b"Worker 17" not in b"".join(path.read_bytes() for path in study.folder.iterdir())


def test_all_votes_count_and_their_items_are_asked_less(study, begin, answer_all):
    votes = [dataclasses.replace(VOTE, identity=name, index=index) for name in "abc" for index in range(9)]
    assert {receipt.status for receipt in study.import_votes(votes)} == {"stored"}
    progress = study.progress()
    assert (progress.votes, progress.complete, progress.people) == (18, 9, 3)
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)
    assert [
        row["index"] for row in study.votes().to_pylist() if row["platform"] == "link" and row["role"] == "item"
    ] == [9]
    assert study.check() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subset": "2afc/train/b"}, "item 3 of 2afc/train/b is not part of this study"),
        ({"subset": "\ud800\n"}, "not part of this study"),
        ({"index": 10}, "item 10 of 2afc/train/a is not part of this study"),
        ({"index": -1}, "index must be in"),
        ({"index": 10**30}, "index must be in"),
        ({"choice": "left"}, "choice must be one of p0, p1, found 'left'"),
        ({"response_ms": -1.0}, "response_ms must be in [0, 24 h], found -1.0"),
        ({"response_ms": math.nan}, "response_ms must be in"),
        ({"received": math.inf}, "received must be a time"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(study, change, reason):
    receipts = study.import_votes([dataclasses.replace(VOTE, **change), VOTE])
    assert [receipt.status for receipt in receipts] == ["refused", "stored"]
    assert reason in receipts[0].reason
    assert "\n" not in receipts[0].reason
    assert study.check() == []


def test_people_who_were_set_aside_or_withdrew_do_not_count(study):
    study.import_votes([VOTE])
    person = study.people()[0].id
    study.set_aside(person, "rule", "")
    study.import_votes([dataclasses.replace(VOTE, index=4)])
    assert study.progress().votes == 0
    study.readmit(person)
    assert study.progress().votes == 2
    study.withdraw(person)
    assert study.import_votes([dataclasses.replace(VOTE, index=5)])[0].reason == "this person withdrew from the study"
    assert study.check() == []
