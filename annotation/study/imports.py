"""Votes that were collected elsewhere become answers of a study."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bappsmith.manifests.errors import BappsmithError

from .secrets import Secret

IMPORT = "import"
"""Platform of people who never opened the study's own pages."""


@dataclass(frozen=True, slots=True)
class ImportedVote:
    """A checked answer from elsewhere.

    Attributes:
        where: file and line, for errors, such as "votes.csv, line 7".
        identity: what the person is called there. It is hashed, and not stored.
        session: one run of this person; "" if nothing is known of runs.
        key: identifies the answer among those of this person.
        task: "2afc", "jnd" or "similar".
        role: "item", "repeat" or "sentinel".
        subset: of the item.
        index: of the item in its subset; None for sentinels.
        p1_left: whether p1 was on the left; None: unknown.
        choice: as it is stored: p0 or p1, same or different, similar or different.
        expected: right answer of a sentinel; None for other roles.
        place: position in the session, from 0; None: the next one.
        response_ms: response time, ms; None: unknown.
    """

    where: str
    identity: str
    session: str
    key: str
    task: str
    role: str
    subset: str
    index: int | None
    p1_left: bool | None
    choice: str
    expected: str | None
    place: int | None
    response_ms: float | None


def import_votes(
    connection: sqlite3.Connection, votes: Iterable[ImportedVote], secret: Secret, clock: Callable[[], float]
) -> tuple[int, int]:
    """Store answers from elsewhere; return the number of new ones, and of those that were there.

    Args:
        connection: inside a transaction.
        votes: the answers.
        secret: of the study; it names people, sessions and showings.
        clock: returns the time, unix s.

    Raises:
        BappsmithError: see `import_vote`.
    """
    added = again = 0
    for vote in votes:
        person = secret.person(IMPORT, vote.identity)
        session = secret.name("session", [person, vote.task, vote.session])
        showing = secret.name("answer", [person, vote.key])
        if import_vote(connection, vote, person, session, showing, clock()):
            added += 1
        else:
            again += 1
    return added, again


def import_vote(
    connection: sqlite3.Connection, vote: ImportedVote, person: str, session: str, showing: str, now: float
) -> bool:
    """Store an answer from elsewhere. Votes on items count, also where an item gets more than it wants.

    Args:
        connection: inside a transaction.
        vote: the answer.
        person: hash of the person.
        session: id of the session.
        showing: id of the showing, made from person and key.
        now: unix s.

    Returns:
        Whether it is new. The same answer again changes nothing.

    Raises:
        BappsmithError: it contradicts a stored answer, its item is not part of the study, or the person withdrew.
    """
    before = connection.execute(
        "SELECT choice FROM showings JOIN answers ON showing = number WHERE id = ?", (showing,)
    ).fetchone()
    if before is not None:
        if before["choice"] == vote.choice:
            return False
        raise BappsmithError(
            f"{vote.where}: '{vote.choice}', but an earlier import has '{before['choice']}' for the same person and "
            "question; nothing was imported; correct the file"
        )
    item = _item(connection, vote)
    row = _person(connection, vote, person, now)
    if vote.role == "item" and _judged(connection, row["number"], item):
        raise BappsmithError(
            f"{vote.where}: this person judged item {vote.index} of {vote.subset} before; nothing was imported; keep "
            "one of the two"
        )
    number, place = _session(connection, vote, row["number"], session, now)
    connection.execute(
        "INSERT INTO showings (id, session, person, place, role, item, p1_left, expected, shown, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'answered')",
        (showing, number, row["number"], place, vote.role, item, vote.p1_left, vote.expected, now),
    )
    connection.execute(
        "INSERT INTO answers (showing, choice, response_ms, received, early) VALUES (last_insert_rowid(), ?, ?, ?, 0)",
        (vote.choice, vote.response_ms, now),
    )
    if vote.role == "item" and row["rule"] is None:
        connection.execute("UPDATE items SET votes = votes + 1 WHERE number = ?", (item,))
    return True


def _item(connection: sqlite3.Connection, vote: ImportedVote) -> int | None:
    if vote.index is None:
        return None
    item = connection.execute(
        "SELECT items.number FROM items JOIN subsets ON subsets.number = subset WHERE name = ? AND position = ?",
        (vote.subset, vote.index),
    ).fetchone()
    if item is None:
        raise BappsmithError(
            f"{vote.where}: item {vote.index} of {vote.subset} is not part of this study; nothing was imported"
        )
    return item["number"]


def _person(connection: sqlite3.Connection, vote: ImportedVote, person: str, now: float) -> sqlite3.Row:
    connection.execute(
        "INSERT INTO persons (id, platform, entered) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (person, IMPORT, now)
    )
    row = connection.execute("SELECT number, rule, withdrawn FROM persons WHERE id = ?", (person,)).fetchone()
    if row["withdrawn"] is not None:
        raise BappsmithError(f"{vote.where}: this person withdrew from the study; nothing was imported")
    return row


def _judged(connection: sqlite3.Connection, person: int, item: int | None) -> bool:
    found = connection.execute(
        "SELECT 1 FROM showings WHERE person = ? AND item = ? AND role = 'item' AND item IS NOT NULL", (person, item)
    )
    return found.fetchone() is not None


def _session(
    connection: sqlite3.Connection, vote: ImportedVote, person: int, session: str, now: float
) -> tuple[int, int]:
    """Return the number of the session and the place of the answer in it."""
    connection.execute(
        "INSERT INTO sessions (id, person, task, stage, items, sentinels, repeats, training, next_training, "
        "next_question, created, finished) VALUES (?, ?, ?, 'done', 0, 0, 0, 0, 0, 0, ?, ?) ON CONFLICT DO NOTHING",
        (session, person, vote.task, now, now),
    )
    row = connection.execute("SELECT number, next_question FROM sessions WHERE id = ?", (session,)).fetchone()
    place = row["next_question"] if vote.place is None else vote.place
    column = {"item": "items", "repeat": "repeats", "sentinel": "sentinels"}[vote.role]
    connection.execute(
        f"UPDATE sessions SET next_question = max(next_question, ? + 1), {column} = {column} + 1 WHERE number = ?",
        (place, row["number"]),
    )
    return row["number"], place
