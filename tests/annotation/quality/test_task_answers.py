from __future__ import annotations

import pyarrow as pa
import pytest

from bappsmith.annotation.quality.task_answers import task_answers, tasks_of
from bappsmith.annotation.study.votes import VOTE_SCHEMA

EMPTY = dict.fromkeys(VOTE_SCHEMA.names) | {"person": "a", "session": "s", "task": "2afc", "role": "item"}
EMPTY |= {"subset": "2afc/val/a", "index": 0, "choice": "p1", "reason": "", "counted": True}


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([EMPTY | row for row in rows], VOTE_SCHEMA)


def test_rows_become_arrays():
    votes = table(
        {"person": "b", "p1_left": True, "response_ms": 500.0},
        {"index": 7, "choice": "p0", "p1_left": True, "reason": "set aside: sentinels"},
        {"role": "sentinel", "subset": None, "index": None, "expected": "p0", "choice": "p0", "p1_left": False},
        {"person": "c", "task": "jnd", "subset": "jnd/val/a", "choice": "same"},
    )
    assert tasks_of(votes) == ["2afc", "jnd"]
    answers = task_answers(votes, "2afc")
    assert answers.people == ("a", "b")
    assert answers.person.tolist() == [1, 0, 0]
    assert answers.positive.tolist() == [True, False, False]
    assert answers.left.tolist() == [1, 0, 1]
    assert answers.expected.tolist() == [-1, -1, 0]
    assert answers.item.tolist() == [0, 1, -1]
    assert answers.votes.tolist() == [True, True, False]
    assert task_answers(votes, "jnd").left.tolist() == [-1]


@pytest.mark.parametrize("left_out", [{"role": "training"}, {"reason": "early"}, {"reason": "withdrawn"}])
def test_what_says_nothing_of_a_person_is_left_out(left_out: dict[str, object]):
    assert len(task_answers(table({}, left_out), "2afc").person) == 1


def test_an_empty_table_has_no_tasks():
    assert tasks_of(table()) == []
    assert task_answers(table(), "2afc").people == ()


def test_equal_indices_of_two_subsets_are_two_items():
    answers = task_answers(table({}, {"subset": "2afc/val/b"}, {"subset": "2afc/val/b", "index": 3}), "2afc")
    assert len(set(answers.item.tolist())) == answers.items == 3
