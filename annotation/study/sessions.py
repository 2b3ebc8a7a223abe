"""Sessions: one person's way through consent, instructions, training and questions."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .errors import NothingLeftError, OtherTabError, UnknownError, WithdrawnError
from .people import find_person
from .session_plan import Counts, in_proportion, plan_session
from .settings import StudySettings
from .task import STAGES, TASKS, Stage, Task


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it stands.

    Attributes:
        id: random, 22 characters.
        number: from 1; sides and places are drawn from it.
        person: hash of the person.
        platform: of the person.
        task: of all its questions.
        stage: consent, instructions, training, questions or done.
        done: answered questions, without training.
        total: questions, without training.
        training_done: answered training questions.
        training_total: training questions.
        finished: when it was finished, unix s; None: not yet.
    """

    id: str
    number: int
    person: str
    platform: str
    task: Task
    stage: Stage
    done: int
    total: int
    training_done: int
    training_total: int
    finished: float | None


def random_id() -> str:
    """Return 22 random characters, safe in addresses: 128 bits."""
    return secrets.token_urlsafe(16)


def find_session(connection: sqlite3.Connection, session: str) -> sqlite3.Row:
    """Return the row of a session, with the hash, rule and withdrawal of its person.

    Raises:
        UnknownError: there is no such session.
        WithdrawnError: the person withdrew.
    """
    row = connection.execute(
        "SELECT sessions.*, persons.id AS person_id, platform, rule, withdrawn FROM sessions "
        "JOIN persons ON persons.number = sessions.person WHERE sessions.id = ?",
        (session,),
    ).fetchone()
    if row is None:
        raise UnknownError("this session does not exist any more; open your link again")
    if row["withdrawn"] is not None:
        raise WithdrawnError("you withdrew from this study; your answers are not used")
    return row


def read_session(connection: sqlite3.Connection, session: str) -> Session:
    """Return a session as it stands. Raises what `find_session` does."""
    row = find_session(connection, session)
    # A place without an item can get a late answer to the item that it had before.
    answered, training, empty = connection.execute(
        "SELECT coalesce(sum(answered AND place >= :training), 0), coalesce(sum(answered AND place < :training), 0), "
        "coalesce(sum(NOT answered), 0) FROM (SELECT place, max(state = 'answered') AS answered FROM showings "
        "WHERE session = :session AND state IN ('answered', 'empty') GROUP BY place)",
        {"session": row["number"], "training": row["training"]},
    ).fetchone()
    total = row["items"] + row["sentinels"] + row["repeats"] - empty
    return Session(
        row["id"],
        row["number"],
        row["person_id"],
        row["platform"],
        row["task"],
        row["stage"],
        answered,
        total,
        training,
        row["training"],
        row["finished"],
    )


def counts_of(row: sqlite3.Row) -> Counts:
    """Return the number of questions per role of a session's row."""
    return Counts(row["items"], row["sentinels"], row["repeats"], row["training"])


def session_of(
    connection: sqlite3.Connection, person: str, task: Task | None, settings: StudySettings, key: int, now: float
) -> str:
    """Return the id of the unfinished session of a person; begin one if there is none.

    Args:
        connection: inside a transaction; leases that ran out have returned.
        person: hash of the person.
        task: of the session; None: any, for a new one that with most open votes.
        settings: of the study.
        key: of the draws of the study.
        now: unix s.

    Raises:
        UnknownError: there is no such person, or the study has no such task.
        WithdrawnError: the person withdrew.
        NothingLeftError: no item is left for the person now.
    """
    row = find_person(connection, person)
    if row["withdrawn"] is not None:
        raise WithdrawnError("you withdrew from this study; your answers are not used")
    stored = {entry["name"] for entry in connection.execute("SELECT name FROM tasks")}
    known: list[Task] = [name for name in TASKS if name in stored]
    if task is not None and task not in known:
        raise UnknownError(f"this study has no task '{printable(task, 40)}'; choose one of {', '.join(known)}")
    begun = connection.execute(
        "SELECT id FROM sessions WHERE person = :person AND finished IS NULL AND (:task IS NULL OR task = :task) "
        "ORDER BY number",
        {"person": row["number"], "task": task},
    ).fetchone()
    if begun is not None:
        return begun["id"]
    if row["rule"] is None:
        candidates: list[Task] = [task] if task else _by_open_work(connection, known)
        for candidate in candidates:
            wanted = settings.of(candidate)
            items = _left_for(connection, row["number"], candidate, wanted.items)
            if items > 0:
                counts = Counts(wanted.items, wanted.sentinels, wanted.repeats, wanted.training)
                return _begin(connection, row["number"], candidate, in_proportion(counts, items), key, now)
    raise _nothing_left(connection, settings.lease_minutes)


def session_of_visit(connection: sqlite3.Connection, visit: str | None) -> str | None:
    """Return the id of the session of a visit, finished or not; None: there is none."""
    row = connection.execute("SELECT id FROM sessions WHERE visit = ?", (visit,)).fetchone()
    return None if row is None else row["id"]


def note_visit(connection: sqlite3.Connection, session: str, visit: str | None) -> None:
    """Note the last visit at which a session was opened; None: no visit."""
    if visit is not None:
        connection.execute("UPDATE sessions SET visit = ? WHERE id = ?", (visit, session))


def _by_open_work(connection: sqlite3.Connection, tasks: list[Task]) -> list[Task]:
    if len(tasks) < 2:
        return tasks
    work = dict(
        connection.execute(
            "SELECT task, sum(wanted - votes - leases) FROM items WHERE wanted > votes + leases GROUP BY task"
        ).fetchall()
    )
    return sorted(tasks, key=lambda task: (-work.get(task, 0), task))


def _left_for(connection: sqlite3.Connection, person: int, task: Task, limit: int) -> int:
    """Count the items that a person can still be asked about, up to a limit."""
    (count,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM items INDEXED BY items_to_ask WHERE task = ? AND wanted > votes + leases "
        "AND NOT EXISTS (SELECT 1 FROM showings WHERE person = ? AND item = items.number AND role = 'item' "
        "AND item IS NOT NULL) LIMIT ?)",
        (task, person, limit),
    ).fetchone()
    return count


def _begin(connection: sqlite3.Connection, person: int, task: Task, counts: Counts, key: int, now: float) -> str:
    session = random_id()
    number = connection.execute(
        "INSERT INTO sessions (id, person, task, stage, items, sentinels, repeats, training, next_training, "
        "next_question, created) VALUES (?, ?, ?, 'consent', ?, ?, ?, ?, 0, ?, ?)",
        (
            session,
            person,
            task,
            counts.items,
            counts.sentinels,
            counts.repeats,
            counts.training,
            counts.training,
            now,
        ),
    ).lastrowid
    plan = plan_session(key, number or 0, task, counts)  # it has fewer repeats if the session is short
    repeats = sum(place.role == "repeat" for place in plan)
    connection.execute("UPDATE sessions SET repeats = ? WHERE number = ?", (repeats, number))
    return session


def _nothing_left(connection: sqlite3.Connection, minutes: float) -> NothingLeftError:
    leased = connection.execute(
        "SELECT 1 FROM showings WHERE state = 'open' AND expires IS NOT NULL LIMIT 1"
    ).fetchone()
    if leased is None:
        return NothingLeftError("no question is left for you: thank you for all your answers")
    return NothingLeftError(
        "no question is free for you now, because others are answering the last ones; come again in "
        f"{minutes:g} minutes"
    )


def open_tab(connection: sqlite3.Connection, session: str) -> str:
    """Give the session to a new tab, and return its nonce. Earlier tabs may still send answers."""
    row = find_session(connection, session)
    tab = random_id()
    connection.execute("UPDATE sessions SET tab = ? WHERE number = ?", (tab, row["number"]))
    return tab


def check_tab(row: sqlite3.Row, tab: str) -> None:
    """Refuse a tab that is not the last one.

    Raises:
        OtherTabError: the session was opened again elsewhere.
    """
    if row["tab"] != tab:
        raise OtherTabError("this session was opened in another tab or window; go on there")


def set_stage(connection: sqlite3.Connection, session: str, stage: Stage) -> None:
    """Go on to the next stage; the current one again changes nothing.

    Raises:
        BappsmithError: the stage is another one, or training questions are not answered yet.
    """
    row = find_session(connection, session)
    if stage == row["stage"]:
        return
    following = STAGES[STAGES.index(row["stage"]) + 1 :][:1]
    if stage not in following or stage == "done":
        raise BappsmithError(
            f"stage '{printable(str(stage), 40)}' does not follow '{row['stage']}'; expected "
            f"'{''.join(following) or row['stage']}'"
        )
    if stage == "questions":
        state = read_session(connection, session)
        missing = state.training_total - state.training_done
        if missing > 0:
            raise BappsmithError(f"{missing} training questions are not answered yet; answer them first")
    connection.execute("UPDATE sessions SET stage = ? WHERE number = ?", (stage, row["number"]))


def finish(connection: sqlite3.Connection, session: str, now: float) -> None:
    """End a session; a second time changes nothing.

    Raises:
        BappsmithError: questions are not answered yet.
    """
    state = read_session(connection, session)
    if state.finished is not None:
        return
    if state.stage != "questions" or state.done < state.total:
        raise BappsmithError(f"{state.total - state.done} questions are not answered yet; answer them first")
    connection.execute("UPDATE sessions SET stage = 'done', finished = ? WHERE id = ?", (now, session))
