"""Votes that were collected elsewhere become answers of a study."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.schema.subset_path import MAX_ITEMS

from .answers import Receipt, out_of_range
from .sessions import random_id
from .task import CHOICES, TASKS, Task

IMPORT = "import"
"""Platform of people who never opened the study's own pages."""
_LATEST = 1e11
"""Unix s: the year 5138."""


@dataclass(frozen=True, slots=True)
class ImportedVote:
    """A vote from elsewhere.

    Attributes:
        identity: what the person is called there. It is hashed, and not stored.
        subset: of the item.
        index: of the item in its subset.
        choice: p0 or p1 (2afc), same or different (jnd), similar or different (similar).
        response_ms: response time, ms; None: unknown.
        p1_left: whether p1 was on the left; None: unknown.
        received: when the vote was given, unix s; None: now.
    """

    identity: str
    subset: str
    index: int
    choice: str
    response_ms: float | None = None
    p1_left: bool | None = None
    received: float | None = None


def import_votes(
    connection: sqlite3.Connection, votes: Sequence[tuple[str, ImportedVote]], now: float
) -> list[Receipt]:
    """Store votes from elsewhere. All count, also where an item gets more than it wants.

    Args:
        connection: inside a transaction.
        votes: hash of the person, and the vote.
        now: unix s.

    Returns:
        One receipt per vote, in order. Its id is empty if the vote was refused.
    """
    subsets = {row["name"]: (row["number"], row["task"]) for row in connection.execute("SELECT * FROM subsets")}
    return [_store(connection, subsets, person, vote, now) for person, vote in votes]


def _store(
    connection: sqlite3.Connection,
    subsets: Mapping[str, tuple[int, Task]],
    person: str,
    vote: ImportedVote,
    now: float,
) -> Receipt:
    if not 0 <= vote.index < MAX_ITEMS:
        return Receipt("", "refused", f"index must be in [0, {MAX_ITEMS}), found {vote.index}")
    subset, task = subsets.get(vote.subset, (-1, TASKS[0]))
    item = connection.execute(
        "SELECT number FROM items WHERE subset = ? AND position = ?", (subset, vote.index)
    ).fetchone()
    if item is None:
        return Receipt("", "refused", f"item {vote.index} of {printable(vote.subset, 80)} is not part of this study")
    if vote.choice not in CHOICES[task]:
        return Receipt(
            "", "refused", f"choice must be one of {', '.join(CHOICES[task])}, found '{printable(vote.choice, 40)}'"
        )
    if vote.response_ms is not None and (vote.response_ms < 0 or out_of_range(vote.response_ms)):
        return Receipt("", "refused", f"response_ms must be in [0, 24 h], found {vote.response_ms}")
    received = now if vote.received is None else vote.received
    if not 0 <= received <= _LATEST:
        return Receipt("", "refused", f"received must be a time in unix seconds, found {vote.received}")
    connection.execute(
        "INSERT INTO persons (id, platform, entered) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (person, IMPORT, now)
    )
    row = connection.execute("SELECT number, rule, withdrawn FROM persons WHERE id = ?", (person,)).fetchone()
    if row["withdrawn"] is not None:
        return Receipt("", "refused", "this person withdrew from the study")
    before = connection.execute(
        "SELECT id, choice FROM showings LEFT JOIN answers ON showing = number WHERE person = ? AND item = ? "
        "AND role = 'item' AND item IS NOT NULL",
        (row["number"], item["number"]),
    ).fetchone()
    if before is not None:
        if before["choice"] == vote.choice:
            return Receipt(before["id"], "again")
        return Receipt("", "refused", "this person judged the item otherwise before, and the first answer stays")
    session, place = _session(connection, row["number"], task, now)
    showing = random_id()
    number = connection.execute(
        "INSERT INTO showings (id, session, person, place, role, item, p1_left, shown, state) "
        "VALUES (?, ?, ?, ?, 'item', ?, ?, ?, 'answered')",
        (showing, session, row["number"], place, item["number"], vote.p1_left, now),
    ).lastrowid
    connection.execute(
        "INSERT INTO answers (showing, choice, response_ms, received, early) VALUES (?, ?, ?, ?, 0)",
        (number, vote.choice, vote.response_ms, received),
    )
    if row["rule"] is None:
        connection.execute("UPDATE items SET votes = votes + 1 WHERE number = ?", (item["number"],))
    return Receipt(showing, "stored")


def _session(connection: sqlite3.Connection, person: int, task: Task, now: float) -> tuple[int, int]:
    """Return the number of the session that holds the imported votes of a person and task, and its next place."""
    row = connection.execute(
        "SELECT number, next_question FROM sessions WHERE person = ? AND task = ?", (person, task)
    ).fetchone()
    if row is None:
        number = connection.execute(
            "INSERT INTO sessions (id, person, task, stage, items, sentinels, repeats, training, next_training, "
            "next_question, created, finished) VALUES (?, ?, ?, 'done', 0, 0, 0, 0, 0, 0, ?, ?)",
            (random_id(), person, task, now, now),
        ).lastrowid
        place = 0
    else:
        number, place = row["number"], row["next_question"]
    connection.execute(
        "UPDATE sessions SET next_question = next_question + 1, items = items + 1 WHERE number = ?", (number,)
    )
    return number or 0, place
