"""Answers: checked, stored once, and counted as votes of their items."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .sessions import find_session
from .task import SCREEN, Task, stored_choice

LONGEST_MS = 24 * 3_600_000.0
"""Longest time that an answer may report, ms."""
LONGEST_TIMING = 2_000
"""Longest JSON on timing, characters."""
_TIMES = ("response_ms", "shown_ms", "asked_ms", "frame_ms")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a browser sends it.

    Attributes:
        id: of the showing.
        choice: what was chosen on the screen (`task.SCREEN`).
        response_ms: from the moment when the pictures stood to the answer, ms; negative or None: not counted.
        shown_ms: how long the pictures were shown, as measured, ms; None: unknown.
        asked_ms: how long they should be shown, ms; 0: until the answer.
        frame_ms: duration of a frame of the screen, ms.
        frames: for which the pictures were shown.
        early: the answer came before the pictures stood; it is not counted.
        dpr: device pixels per CSS pixel.
        factor: device pixels per pixel of a picture.
        timing: what else the browser measured, JSON of at most `LONGEST_TIMING` characters.
    """

    id: str
    choice: str
    response_ms: float | None = None
    shown_ms: float | None = None
    asked_ms: float | None = None
    frame_ms: float | None = None
    frames: int | None = None
    early: bool = False
    dpr: float | None = None
    factor: float | None = None
    timing: str = "{}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an answer.

    Attributes:
        id: of the showing.
        status: "stored"; "again": the same answer was stored before; "refused".
        reason: why it was refused, else empty.
        right: whether the answer to a training question is right; None for all others.
    """

    id: str
    status: Literal["stored", "again", "refused"]
    reason: str = ""
    right: bool | None = None


def store_answers(connection: sqlite3.Connection, session: str, answers: Sequence[Answer], now: float) -> list[Receipt]:
    """Store the answers of a session. Sending them again changes nothing.

    Args:
        connection: inside a transaction.
        session: id of the session to which the showings belong.
        answers: in any order.
        now: unix s.

    Returns:
        One receipt per answer, in order.

    Raises:
        UnknownError: there is no such session.
        WithdrawnError: the person withdrew.
    """
    row = find_session(connection, session)
    return [_store(connection, row, answer, now) for answer in answers]


def _store(connection: sqlite3.Connection, session: sqlite3.Row, answer: Answer, now: float) -> Receipt:
    # A text that is no valid Unicode cannot even be looked up.
    known = connection.execute("SELECT * FROM showings WHERE id = ?", (answer.id,)) if answer.id.isascii() else None
    showing = known.fetchone() if known else None
    if showing is None or showing["session"] != session["number"] or showing["state"] == "empty":
        return _refused(answer, "this session has no such question")
    problem = _problem(session["task"], answer)
    if problem:
        return _refused(answer, problem)
    choice = stored_choice(session["task"], answer.choice, showing["p1_left"])
    right = choice == showing["expected"] if showing["role"] == "training" else None
    if showing["state"] == "answered":
        before = connection.execute("SELECT choice FROM answers WHERE showing = ?", (showing["number"],)).fetchone()
        if before["choice"] == choice:
            return Receipt(answer.id, "again", right=right)
        return _refused(answer, "it was answered otherwise before, and the first answer stays")
    early = answer.early or answer.response_ms is None or answer.response_ms < 0
    if showing["role"] == "item" and session["rule"] is None:
        item = connection.execute(
            "SELECT wanted > votes + leases AS wanted FROM items WHERE number = ?", (showing["item"],)
        ).fetchone()
        returned = showing["state"] == "returned"
        if returned and not item["wanted"]:
            return _refused(answer, "it took too long, and the question went back to the others")
        connection.execute(
            "UPDATE items SET votes = votes + ?, leases = leases - ? WHERE number = ?",
            (not early, not returned, showing["item"]),
        )
    connection.execute("UPDATE showings SET state = 'answered' WHERE number = ?", (showing["number"],))
    connection.execute(
        "INSERT INTO answers (showing, choice, response_ms, shown_ms, asked_ms, frame_ms, frames, dpr, factor, "
        "timing, received, early) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            showing["number"],
            choice,
            answer.response_ms,
            answer.shown_ms,
            answer.asked_ms,
            answer.frame_ms,
            answer.frames,
            answer.dpr,
            answer.factor,
            answer.timing,
            now,
            early,
        ),
    )
    return Receipt(answer.id, "stored", right=right)


def out_of_range(milliseconds: float) -> bool:
    """Whether a time is not finite, or longer than a day. Negative times are not refused here."""
    return not -LONGEST_MS <= milliseconds <= LONGEST_MS


def _refused(answer: Answer, reason: str) -> Receipt:
    return Receipt(answer.id, "refused", reason)


def _problem(task: Task, answer: Answer) -> str:
    """Return what is wrong with an answer; empty: nothing."""
    if answer.choice not in SCREEN[task]:
        return f"choice must be one of {', '.join(SCREEN[task])}"
    for name in _TIMES:
        value = getattr(answer, name)
        if value is not None and (out_of_range(value) or (value < 0 and name != "response_ms")):
            return f"{name} must be a time of at most 24 h, ms"
    if answer.frames is not None and not 0 <= answer.frames <= LONGEST_MS:
        return "frames must be a whole number of at least 0"
    if len(answer.timing) > LONGEST_TIMING or not answer.timing.isascii():
        return f"timing must have at most {LONGEST_TIMING} characters, all ASCII"
    for name in ("dpr", "factor"):
        value = getattr(answer, name)
        if value is not None and not 0 < value <= 1_000:
            return f"{name} must be in (0, 1000]"
    return ""
