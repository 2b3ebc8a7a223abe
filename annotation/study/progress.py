"""How far a study is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far one task is.

    Attributes:
        items: number of items.
        wanted: votes that are wanted, items × people per item.
        votes: of these, the votes that are there; more than wanted for an item are not added.
        complete: items with all their votes.
        open: showings of items that are out now.
    """

    items: int
    wanted: int
    votes: int
    complete: int
    open: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is: sums over tasks, and the tasks.

    Attributes:
        items: number of items.
        wanted: votes that are wanted.
        votes: of these, the votes that are there.
        complete: items with all their votes.
        open: showings of items that are out now.
        sessions: begun.
        finished: sessions.
        people: who have at least one session.
        set_aside: people whose answers do not count.
        withdrawn: people who withdrew.
        answers: all answers, of every role.
        tasks: task → its progress.
    """

    items: int
    wanted: int
    votes: int
    complete: int
    open: int
    sessions: int
    finished: int
    people: int
    set_aside: int
    withdrawn: int
    answers: int
    tasks: dict[str, TaskProgress]


def read_progress(connection: sqlite3.Connection) -> Progress:
    """Count how far a study is."""
    tasks = {
        task: TaskProgress(*figures)
        for task, *figures in connection.execute(
            "SELECT task, count(*), sum(wanted), sum(min(votes, wanted)), sum(votes >= wanted), sum(leases) FROM items "
            "GROUP BY task"
        )
    }
    sessions, finished, people = connection.execute(
        "SELECT count(*), count(finished), count(DISTINCT person) FROM sessions"
    ).fetchone()
    set_aside, withdrawn = connection.execute("SELECT count(rule), count(withdrawn) FROM persons").fetchone()
    (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    each = list(tasks.values())
    return Progress(
        sum(task.items for task in each),
        sum(task.wanted for task in each),
        sum(task.votes for task in each),
        sum(task.complete for task in each),
        sum(task.open for task in each),
        sessions,
        finished,
        people,
        set_aside,
        withdrawn,
        answers,
        tasks,
    )
