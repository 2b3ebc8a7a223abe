import dataclasses

import pytest

from bappsmith.annotation.study.imports import ImportedVote
from bappsmith.manifests.errors import BappsmithError

VOTE = ImportedVote(
    where="votes.csv, line 2",
    identity="Worker 17 <w@x.org>",
    session="run 1",
    key="1",
    task="2afc",
    role="item",
    subset="2afc/train/a",
    index=3,
    p1_left=True,
    choice="p1",
    expected=None,
    place=None,
    response_ms=812.0,
)


def change(**fields):
    return dataclasses.replace(VOTE, **fields)


def test_a_vote_from_elsewhere_is_stored_once(study):
    assert study.import_votes([VOTE, VOTE]) == (1, 1)
    assert study.import_votes([VOTE]) == (0, 1)
    (row,) = study.votes().to_pylist()
    assert (row["platform"], row["role"], row["subset"], row["index"]) == ("import", "item", "2afc/train/a", 3)
    assert (row["choice"], row["p1_left"], row["response_ms"], row["received"]) == ("p1", True, 812.0, 1_000_000.0)
    assert study.check() == []
    study.close()
    assert b"Worker 17" not in b"".join(path.read_bytes() for path in study.folder.iterdir())


def test_all_votes_count_and_their_items_are_asked_less(study, begin, answer_all):
    votes = [change(identity=name, index=index, key=str(index)) for name in "abc" for index in range(9)]
    assert study.import_votes(votes) == (27, 0)
    progress = study.progress()
    assert (progress.votes, progress.complete, progress.people) == (18, 9, 3)
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)
    rows = [row for row in study.votes().to_pylist() if row["platform"] == "link"]
    assert [row["index"] for row in rows if row["role"] == "item"] == [9]
    assert study.check() == []


def test_sentinels_and_repeats_are_no_votes(study):
    sentinel = change(key="2", role="sentinel", index=None, expected="p0")
    assert study.import_votes([VOTE, sentinel, change(key="3", role="repeat", choice="p0")]) == (3, 0)
    rows = study.votes().to_pylist()
    assert [(row["role"], row["place"], row["expected"]) for row in rows] == [
        ("item", 0, None),
        ("sentinel", 1, "p0"),
        ("repeat", 2, None),
    ]
    assert study.progress().votes == 1
    assert study.check() == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (change(choice="p0"), "line 2: 'p0', but an earlier import has 'p1' for the same person and question"),
        (change(key="2", subset="2afc/train/b"), "line 2: item 3 of 2afc/train/b is not part of this study"),
        (change(key="2", index=10), "line 2: item 10 of 2afc/train/a is not part of this study"),
        (change(key="2"), "line 2: this person judged item 3 of 2afc/train/a before"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_stored(study, wrong, message):
    study.import_votes([VOTE])
    with pytest.raises(BappsmithError, match=message) as caught:
        study.import_votes([change(identity="other"), wrong])
    assert "nothing was imported" in str(caught.value)
    assert study.votes().num_rows == 1
    assert study.check() == []


def test_people_who_were_set_aside_or_withdrew_do_not_count(study):
    study.import_votes([VOTE])
    person = study.people()[0].id
    study.set_aside(person, "rule", "")
    study.import_votes([change(index=4, key="4")])
    assert study.progress().votes == 0
    study.readmit(person)
    assert study.progress().votes == 2
    study.withdraw(person)
    with pytest.raises(BappsmithError, match="this person withdrew from the study"):
        study.import_votes([change(index=5, key="5")])
    assert study.check() == []
