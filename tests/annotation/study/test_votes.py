import pyarrow as pa

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.votes import VOTE_SCHEMA


def test_no_answers_are_an_empty_table(study):
    table = study.votes()
    assert table.schema == VOTE_SCHEMA
    assert table.num_rows == 0


def test_every_answer_is_a_row(study, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)
    table = study.votes()
    assert table.schema == VOTE_SCHEMA
    rows = table.to_pylist()
    assert [row["role"] for row in rows].count("item") == 6
    assert sorted(row["place"] for row in rows) == list(range(12))
    for row in rows:
        assert row["person"] == study.enter("link", "anna")
        assert (row["session"], row["platform"], row["task"]) == (session, "link", "2afc")
        made = row["role"] in ("sentinel", "training")
        assert (row["index"] is None) == (row["subset"] is None) == made
        assert (row["expected"] is not None) == made
        assert (row["counted"], row["reason"]) == (True, "")
        assert row["received"] == 1_000_000.0


def test_a_repeat_is_the_same_item_with_sides_exchanged(study, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)
    rows = study.votes().to_pylist()
    repeat = next(row for row in rows if row["role"] == "repeat")
    original = next(row for row in rows if row["role"] == "item" and row["index"] == repeat["index"])
    assert original["place"] < repeat["place"]
    assert original["p1_left"] is not repeat["p1_left"]
    assert study.progress().votes == 6


def test_a_person_who_is_set_aside_stays_in_the_table(study, begin, answer_all):
    session, tab = begin(study, "anna")
    showing = next(one for one in study.next_showings(session, tab, 12) if one.role == "item")
    study.answer(session, [Answer(showing.id, "left", 500.0, early=True)])
    person = study.enter("link", "anna")
    study.set_aside(person, "sentinels", "9 of 15")
    assert {row["reason"] for row in study.votes().to_pylist()} == {"set aside: sentinels", "early"}
    study.readmit(person)
    assert {row["reason"] for row in study.votes().to_pylist()} == {"", "early"}


def test_columns_without_sides_are_null(study, begin, answer_all):
    answer_all(study, *begin(study, "anna", "jnd"))
    table = study.votes()
    assert table["p1_left"].null_count == table.num_rows
    assert pa.compute.unique(table["choice"]).to_pylist() == ["same"]
