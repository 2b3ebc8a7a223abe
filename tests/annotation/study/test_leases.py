from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import NothingLeftError
from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives
from bappsmith.annotation.study.study import Study
from bappsmith.manifests.errors import BappsmithError


def items_of(study, session):
    with study._database.reading() as connection:
        rows = connection.execute(
            "SELECT showings.id, item FROM showings JOIN sessions ON sessions.number = session WHERE sessions.id = ? "
            "AND role = 'item' AND item IS NOT NULL ORDER BY place",
            (session,),
        )
        return dict(rows.fetchall())


def test_a_person_gets_no_item_twice(study, begin, answer_all):
    seen = []
    for _ in range(2):
        session, tab = begin(study, "anna")
        answer_all(study, session, tab)
        study.finish(session)
        seen += items_of(study, session).values()
    assert sorted(seen) == list(range(1, 11))


def test_leases_return_to_the_others_and_may_come_back(study, begin, clock):
    session, tab = begin(study, "anna")
    first = study.next_showings(session, tab, 12)
    clock.now += 31 * 60
    begin(study, "bert")
    assert study.progress().open == 0
    assert study.next_showings(session, tab, 12) == first  # nobody else took the items
    assert study.progress().open == 6
    assert study.check() == []


def test_an_item_that_others_took_is_replaced(study, begin, answer_all, clock):
    session, tab = begin(study, "anna")
    first = study.next_showings(session, tab, 12)
    before = items_of(study, session)
    clock.now += 31 * 60
    for name in ("b", "c", "d"):  # 18 of the 20 votes
        answer_all(study, *begin(study, name))
    again = study.next_showings(session, tab, 12)
    places = [one.place for one in again]
    assert len(places) == len(set(places))
    kept = {one.id for one in first} & {one.id for one in again}
    assert {one.id for one in again if one.role == "item"} <= {*before, *items_of(study, session)}
    assert {one.id for one in first if one.role == "sentinel"} <= kept
    answer_all(study, session, tab)
    state = study.session(session)
    assert state.done == state.total < 10  # some places stay empty
    study.finish(session)
    assert study.check() == []


def test_a_late_answer_fills_the_place_that_stayed_empty(study, begin, answer_all, clock):
    session, tab = begin(study, "anna")
    late = [one for one in study.next_showings(session, tab, 12) if one.role == "item"]
    clock.now += 31 * 60
    others = [begin(study, name) for name in "bcde"]
    for other in others:
        study.next_showings(*other, 12)  # 20 votes: nothing is free for anna
    study.next_showings(session, tab, 12)
    assert study.session(session).total == 10 - 6
    for name in "bcde":
        study.set_aside(study.enter("link", name), "rule", "")
    receipts = study.answer(session, [Answer(one.id, "left", 500.0) for one in late])
    assert {receipt.status for receipt in receipts} == {"stored"}
    state = study.session(session)
    assert (state.done, state.total) == (6, 10)
    answer_all(study, session, tab)
    state = study.session(session)
    assert (state.done, state.total) == (10, 10)
    assert study.check() == []


def test_many_at_once_leave_every_item_with_its_votes(tmp_path, memory_source, begin, answer_all):
    settings = StudySettings(votes=3, afc=TwoAlternatives(items=20, sentinels=2, repeats=1, training=0))
    with Study.create(tmp_path / "study", memory_source({"a": ("2afc", 40)}), settings) as study:

        def take_part(name: str) -> None:
            try:
                while True:
                    session, tab = begin(study, name)
                    answer_all(study, session, tab)
                    study.finish(session)
            except NothingLeftError:
                pass

        with ThreadPoolExecutor(16) as pool:
            for call in [pool.submit(take_part, f"{number}") for number in range(16)]:
                call.result()
        take_part("last")
        votes = Counter(row["index"] for row in study.votes().to_pylist() if row["role"] == "item")
        assert set(votes.values()) == {3}
        assert len(votes) == 40
        assert study.check() == []


def test_an_open_lease_is_renewed_when_its_person_comes_back(study, begin, clock):
    session, tab = begin(study, "anna")
    first = study.next_showings(session, tab, 12)
    clock.now += 29 * 60
    assert study.next_showings(session, tab, 12) == first
    clock.now += 29 * 60
    begin(study, "bert")
    assert study.progress().open == 6


@pytest.mark.parametrize("count", [0, -1, 13, 10**9])
def test_a_count_out_of_range_is_refused(study, begin, count):
    session, tab = begin(study, "anna")
    with pytest.raises(BappsmithError, match=rf"count must be in \[1, 12\], found {count}"):
        study.next_showings(session, tab, count)


def test_a_session_holds_twelve_questions_at_most(tmp_path, memory_source, begin):
    settings = StudySettings(afc=TwoAlternatives(items=40, training=0))
    with Study.create(tmp_path / "study", memory_source({"a": ("2afc", 50)}), settings) as study:
        session, tab = begin(study, "anna")
        for _ in range(5):
            assert len(study.next_showings(session, tab, 12)) == 12
        assert study.progress().open <= 12


def test_high_priorities_come_first(study, begin):
    study.set_priorities(("2afc/train/a", index, float(index)) for index in range(10))
    session, tab = begin(study, "anna")
    study.next_showings(session, tab, 12)
    assert list(items_of(study, session).values()) == [10, 9, 8, 7, 6, 5]
    with pytest.raises(BappsmithError, match="must be finite, found nan"):
        study.set_priorities([("2afc/train/a", 0, float("nan"))])
    for unknown in (("2afc/train/a", 10), ("none", 0)):
        with pytest.raises(BappsmithError, match="not part of this study"):
            study.set_priorities([(*unknown, 1.0)])


def test_the_order_differs_by_person(tmp_path, memory_source, begin):
    settings = StudySettings(afc=TwoAlternatives(items=30, sentinels=0, repeats=0, training=0))
    with Study.create(tmp_path / "study", memory_source({"a": ("2afc", 300)}), settings) as study:
        orders = []
        for name in "abcdefgh":
            session, tab = begin(study, name)
            while showings := study.next_showings(session, tab, 12):
                study.answer(session, [Answer(one.id, "left", 500.0) for one in showings])
            orders.append(list(items_of(study, session).values()))
    shared = [len(set(one) & set(other)) for i, one in enumerate(orders) for other in orders[:i]]
    assert 1 < np.mean(shared) < 8  # by chance: 30 × 30 / 300 = 3; the first after a random point is no even draw


def test_set_aside_people_hold_no_items_back(study, begin):
    session, tab = begin(study, "anna")
    study.next_showings(session, tab, 12)
    person = study.enter("link", "anna")
    study.set_aside(person, "too fast", "210 ms")
    assert study.progress().open == 0
    showings = study.next_showings(session, tab, 12)
    study.answer(session, [Answer(one.id, "left", 500.0) for one in showings])
    assert study.progress().votes == 0
    assert study.check() == []
    study.readmit(person)
    study.readmit(person)
    assert study.progress().votes == 6
    assert study.check() == []
    assert study.people()[0].readmitted is not None


def test_leases_need_no_full_scan(study):
    from bappsmith.annotation.study import leases, sessions

    queries: list[str] = []

    def trace(statement: str) -> None:
        queries.append(statement)

    def operation(connection):
        connection.set_trace_callback(trace)
        try:
            for task in ("2afc", "jnd", "similar"):
                session = sessions.session_of(connection, person, task, study.settings, 1, 0.0)
                tab = sessions.open_tab(connection, session)
                connection.execute("UPDATE sessions SET stage = 'questions' WHERE id = ?", (session,))
                leases.next_showings(connection, session, tab, 12, 1, 30.0, 0.0)
        finally:
            connection.set_trace_callback(None)
        plans = []
        for query in queries:
            if query.startswith(("SELECT", "UPDATE")):
                plans += [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
        return plans

    person = study.enter("link", "anna")
    plans = study._database.write(operation)
    assert any("items_to_ask" in plan for plan in plans)
    scans = [plan for plan in plans if plan.startswith("SCAN") and "tasks" not in plan and "CONSTANT" not in plan]
    assert not [plan for plan in scans if "(subquery" not in plan], scans
