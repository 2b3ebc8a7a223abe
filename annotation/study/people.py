"""People: who takes part, whose answers count, and who withdraws. Names and identities are never stored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from bappsmith.manifests.plain_text import printable

from .errors import UnknownError, WithdrawnError

PLATFORMS = ("link", "prolific", "mturk", "anonymous")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who takes part.

    Attributes:
        id: keyed hash of platform and identity, 32 hex digits.
        platform: one of `PLATFORMS`.
        entered: when the person came first, unix s.
        rule: the rule that set the person aside; None: the answers count.
        detail: what the rule found.
        readmitted: when a person that was set aside was taken in again, unix s; None: never.
        withdrawn: when the person withdrew, unix s; None: not.
    """

    id: str
    platform: str
    entered: float
    rule: str | None
    detail: str | None
    readmitted: float | None
    withdrawn: float | None


COUNTED = "rule IS NULL AND withdrawn IS NULL"
"""SQL: whether answers and leases of a person count."""


def enter(connection: sqlite3.Connection, person: str, platform: str, now: float) -> None:
    """Add a person, if it is not known yet.

    Raises:
        WithdrawnError: the person withdrew.
    """
    row = connection.execute("SELECT withdrawn FROM persons WHERE id = ?", (person,)).fetchone()
    if row is None:
        connection.execute("INSERT INTO persons (id, platform, entered) VALUES (?, ?, ?)", (person, platform, now))
    elif row["withdrawn"] is not None:
        raise WithdrawnError("you withdrew from this study; ask those who run it if you want to take part again")


def set_aside(connection: sqlite3.Connection, person: str, rule: str, detail: str) -> None:
    """Let the answers of a person no longer count; a second rule replaces the first. Items are asked again."""
    row = find_person(connection, person)
    if row["rule"] is None and row["withdrawn"] is None:
        _move_counters(connection, row["number"], -1)
    connection.execute("UPDATE persons SET rule = ?, detail = ? WHERE number = ?", (rule, detail, row["number"]))


def readmit(connection: sqlite3.Connection, person: str, now: float) -> None:
    """Let the answers of a person who was set aside count again, also where others answered meanwhile."""
    row = find_person(connection, person)
    if row["rule"] is None:
        return
    connection.execute(
        "UPDATE persons SET rule = NULL, detail = NULL, readmitted = ? WHERE number = ?", (now, row["number"])
    )
    if row["withdrawn"] is None:
        _move_counters(connection, row["number"], +1)


def withdraw(connection: sqlite3.Connection, person: str, now: float, *, delete: bool) -> None:
    """Take a person out of the study: nothing of it counts any more, and no further answer is taken.

    Args:
        connection: inside a transaction.
        person: hash of the person.
        now: unix s.
        delete: remove all answers, showings and sessions. The hash stays, so that the person is not asked again.
    """
    row = find_person(connection, person)
    if row["rule"] is None and row["withdrawn"] is None:
        _move_counters(connection, row["number"], -1)
    connection.execute("UPDATE persons SET withdrawn = coalesce(withdrawn, ?) WHERE number = ?", (now, row["number"]))
    connection.execute("UPDATE showings SET state = 'returned' WHERE person = ? AND state = 'open'", (row["number"],))
    if delete:
        connection.execute("DELETE FROM sessions WHERE person = ?", (row["number"],))  # showings and answers follow
        connection.execute("UPDATE persons SET rule = NULL, detail = NULL WHERE number = ?", (row["number"],))


def find_person(connection: sqlite3.Connection, person: str) -> sqlite3.Row:
    """Return the row of a person.

    Raises:
        UnknownError: there is no such person.
    """
    known = connection.execute("SELECT * FROM persons WHERE id = ?", (person,)) if person.isascii() else None
    row = known.fetchone() if known else None
    if row is None:
        raise UnknownError(
            f"no person '{printable(person, 64)}' in this study; `bappsmith annotate status` lists people"
        )
    return row


def read_people(connection: sqlite3.Connection) -> list[Person]:
    """Return everyone, in the order of their first visit."""
    columns = "id, platform, entered, rule, detail, readmitted, withdrawn"
    return [Person(*row) for row in connection.execute(f"SELECT {columns} FROM persons ORDER BY number")]


def _move_counters(connection: sqlite3.Connection, person: int, step: int) -> None:
    """Add `step` to the counters of all items that a person answered or holds."""
    connection.execute(
        "UPDATE items SET votes = votes + ? WHERE number IN (SELECT item FROM showings JOIN answers "
        "ON showing = number WHERE person = ? AND role = 'item' AND item IS NOT NULL AND NOT early)",
        (step, person),
    )
    connection.execute(
        "UPDATE items SET leases = leases + ? WHERE number IN (SELECT item FROM showings WHERE person = ? AND "
        "role = 'item' AND item IS NOT NULL AND state = 'open')",
        (step, person),
    )
