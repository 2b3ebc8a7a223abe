"""A study: one collection of judgments, in a folder of its own."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa
from filelock import FileLock

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from . import answers as answering
from . import people, sessions
from .answers import Answer, Receipt
from .create import create_database
from .database import Database, as_refusal
from .facts import read_facts, refuse_other_settings, refuse_other_source
from .folder import refuse_inside_dataset, take_lock
from .imports import ImportedVote, import_votes
from .items import read_items, set_priorities
from .leases import Showing, next_showings, return_leases
from .people import Person
from .pictures import PictureCache, encode_asked, find_asked
from .progress import Progress, read_progress
from .recount import check_counts
from .secrets import make_secret, read_secret
from .sessions import Session
from .settings import StudySettings, read_settings
from .source import QuestionSource
from .task import Stage, Task
from .votes import read_votes

DATABASE = "votes.sqlite"
"""Name of the file in the folder of a study."""
_CHUNK = 2_000
"""Rows per transaction of long tasks: answers are stored in between."""


class Study:
    """One collection of judgments: items, people, sessions and answers. All methods may be called from any thread.

    Make one with `create` or `open`, and close it, or use it in a `with` statement.

    Attributes:
        folder: of the study.
        settings: of the study.
        secret: signs tokens.
        fingerprint: of the source that the study began with, hex.
        root: of this source, as given then.
    """

    def __init__(
        self,
        folder: Path,
        source: QuestionSource | None,
        lock: FileLock | None,
        clock: Callable[[], float],
    ) -> None:
        """Open the files of an existing study; `open` does the checks."""
        self.folder = folder
        self._source = source
        self._lock = lock
        self._clock = clock
        self.secret = read_secret(folder, clock)
        self._database = Database(folder / DATABASE, write=lock is not None)
        try:
            with self._database.reading() as connection:
                facts = read_facts(connection, folder / DATABASE, self.secret.mark)
            settings = read_settings(folder, facts["settings"])
        except BaseException:
            self._database.close()
            raise
        self.settings = settings
        self._facts = facts
        self.fingerprint = facts["fingerprint"]
        self.root = facts["root"]
        self._draw_key = self.secret.draw_key(self.settings.seed)
        self._cache = PictureCache()

    @classmethod
    def create(
        cls,
        folder: Path | str,
        source: QuestionSource,
        settings: StudySettings | None = None,
        items: Sequence[tuple[str, int, float | None]] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Make a study, and open it for writing.

        Args:
            folder: of the study; it must hold none yet, and must not be part of a dataset.
            source: of the pictures.
            settings: None: the defaults.
            items: (subset, index, probability that the item was selected; None: unknown); None: all of the source.
            clock: returns the time, unix s.

        Raises:
            DiskFullError: nothing was made.
            BappsmithError: the folder holds a study or is part of a dataset, another process is making one, or an item
                is unknown or given twice.
        """
        folder = Path(folder)
        refuse_inside_dataset(folder, source.root)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = take_lock(folder)
            try:
                if (folder / DATABASE).exists():
                    raise BappsmithError(f"{folder} already holds a study; open it, or choose another folder")
                make_secret(folder)
                secret = read_secret(folder)
                create_database(folder / DATABASE, source, settings or StudySettings(), items, secret, clock())
                return cls(folder, source, lock, clock)
            except BaseException:
                lock.release()
                raise
        except sqlite3.Error as error:
            raise as_refusal(folder / DATABASE, error) from error
        except OSError as error:
            raise BappsmithError(
                f"{folder}: cannot make a study there ({error.strerror}); choose another folder"
            ) from error

    @classmethod
    def open(
        cls,
        folder: Path | str,
        source: QuestionSource | None = None,
        settings: StudySettings | None = None,
        *,
        write: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Open a study.

        Args:
            folder: of the study.
            source: of the pictures; None: no pictures can be shown.
            settings: if given, they must be those of the study.
            write: take the lock of the study. Without it, the study can be read while a server is writing.
            clock: returns the time, unix s.

        Raises:
            ChangedError: the source is not the one that the study began with.
            BappsmithError: there is no study, another process is writing to it, or its settings differ.
        """
        folder = Path(folder)
        if not (folder / DATABASE).is_file():
            raise BappsmithError(
                f"{folder} holds no study (it has no {DATABASE}); begin one with `bappsmith annotate serve`"
            )
        lock = take_lock(folder) if write else None
        try:
            study = cls(folder, source, lock, clock)
            try:
                if source is not None:
                    refuse_other_source(folder, study._facts, source)
                if settings is not None:
                    refuse_other_settings(folder, study.settings, settings)
            except BaseException:
                study.close()
                raise
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return study

    def close(self) -> None:
        """Finish waiting writes, close the database, and release the lock."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # People and sessions

    def enter(self, platform: str, identity: str) -> str:
        """Let someone take part.

        Args:
            platform: one of `people.PLATFORMS`.
            identity: what the platform knows the person by. It is hashed, and not stored.

        Returns:
            The hash of the person, 32 hex digits: the same at every visit.

        Raises:
            WithdrawnError: the person withdrew.
            BappsmithError: the platform is unknown, or the identity is empty or longer than 256 characters.
        """
        if platform not in people.PLATFORMS:
            raise BappsmithError(
                f"unknown platform '{printable(platform, 40)}'; choose one of {', '.join(people.PLATFORMS)}"
            )
        if not 1 <= len(identity) <= 256:
            raise BappsmithError(f"an identity must have 1 to 256 characters, found {len(identity)}")
        person = self.secret.person(platform, identity)
        self._database.write(lambda connection: people.enter(connection, person, platform, self._clock()))
        return person

    def session_of(self, person: str, task: Task | None = None, visit: str = "") -> Session:
        """Return the unfinished session of a person; begin one if there is none.

        A visit has one session. Who comes with the same visit again gets this one, also when it is finished: workers of
        crowd platforms open their link again to see their code.

        Args:
            person: as `enter` returned it.
            task: None: any; for a new session, the one with most open votes.
            visit: a crowd platform's id of this participation; it is hashed, and not stored. Empty: none.

        Raises:
            UnknownError: there is no such person or task.
            WithdrawnError: the person withdrew.
            NothingLeftError: no item is left for this person now.
        """

        def operation(connection: sqlite3.Connection) -> Session:
            now = self._clock()
            known = self.secret.person("visit", f"{person}:{visit}") if visit else None
            session = sessions.session_of_visit(connection, known)
            if session is None:
                return_leases(connection, now)
                session = sessions.session_of(connection, person, task, self.settings, self._draw_key, now)
                sessions.note_visit(connection, session, known)
            return sessions.read_session(connection, session)

        return self._database.write(operation)

    def session(self, session: str) -> Session:
        """Read a session.

        Raises:
            UnknownError: there is no such session.
            WithdrawnError: the person withdrew.
        """
        with self._database.reading() as connection:
            return sessions.read_session(connection, session)

    def open_tab(self, session: str) -> str:
        """Give a session to a new tab. Earlier tabs get no more questions, but may send their answers.

        Returns:
            Nonce of the tab, 22 characters.
        """
        return self._database.write(lambda connection: sessions.open_tab(connection, session))

    def check_tab(self, session: str, tab: str) -> None:
        """Refuse a tab that is not the last one.

        Raises:
            OtherTabError: the session was opened again elsewhere.
        """
        with self._database.reading() as connection:
            sessions.check_tab(sessions.find_session(connection, session), tab)

    def set_stage(self, session: str, stage: Stage) -> None:
        """Go on to the next stage of a session; the current one again changes nothing.

        Raises:
            BappsmithError: another stage comes next, or training questions are not answered yet.
        """
        self._database.write(lambda connection: sessions.set_stage(connection, session, stage))

    def next_showings(self, session: str, tab: str, count: int) -> list[Showing]:
        """Return the next questions: first those that are open, in order, then new ones.

        Args:
            session: id of the session, in the stage training or questions.
            tab: nonce of the tab that asks.
            count: questions, 1 to 12.

        Returns:
            At most `count` showings. None: all are answered.

        Raises:
            OtherTabError: the session was opened again elsewhere.
            BappsmithError: the session is in another stage, or `count` is out of range.
        """

        def operation(connection: sqlite3.Connection) -> list[Showing]:
            lease = self.settings.lease_minutes
            return next_showings(connection, session, tab, count, self._draw_key, lease, self._clock())

        return self._database.write(operation)

    def answer(self, session: str, answers: Sequence[Answer]) -> list[Receipt]:
        """Store answers. What has a receipt "stored" is on the disk. Sending answers again changes nothing.

        Args:
            session: id of the session to which the showings belong.
            answers: in any order.

        Returns:
            One receipt per answer, in order.

        Raises:
            DiskFullError: nothing was stored.
            UnknownError: there is no such session.
            WithdrawnError: the person withdrew.
        """
        return self._database.write(
            lambda connection: answering.store_answers(connection, session, answers, self._clock())
        )

    def finish(self, session: str) -> str:
        """End a session, and return its completion code. A second time returns the same code.

        Raises:
            BappsmithError: questions are not answered yet.
        """
        self._database.write(lambda connection: sessions.finish(connection, session, self._clock()))
        return self.settings.completion_code or self.secret.code(session)

    def pictures(self, session: str, showing: str) -> dict[str, bytes]:
        """Return the pictures of a showing.

        Args:
            session: id of the session that asks.
            showing: id of one of its showings.

        Returns:
            PNG by place: ref, left, right (2afc); first, second (jnd); query, candidate (similar).

        Raises:
            UnknownError: this session has no such showing.
            ChangedError: the source changed.
            BappsmithError: the study was opened without a source.
        """
        with self._database.reading() as connection:
            asked = find_asked(connection, session, showing)
        known = self._cache.get(showing)
        if known is not None:
            return known
        if self._source is None:
            raise BappsmithError(f"{self.folder} was opened without its pictures; open it with the source {self.root}")
        files = encode_asked(self._source, asked)
        self._cache.put(showing, files)
        return files

    # What is known, and what to do about it

    def votes(self) -> pa.Table:
        """Read all answers, with the columns `votes.VOTE_SCHEMA`."""
        with self._database.reading() as connection:
            return read_votes(connection)

    def progress(self) -> Progress:
        """Count how far the study is."""
        with self._database.reading() as connection:
            return read_progress(connection)

    def people(self) -> list[Person]:
        """Return everyone, in the order of their first visit."""
        with self._database.reading() as connection:
            return people.read_people(connection)

    def items(self) -> set[tuple[str, int]]:
        """Return what the study asks about: subset and index of every item."""
        with self._database.reading() as connection:
            return read_items(connection)

    def import_votes(self, votes: Iterable[ImportedVote]) -> tuple[int, int]:
        """Store answers that were collected elsewhere: all of them, or none. Sending them again changes nothing.

        Votes count, also where an item gets more than it wants. Other answers wait until all are stored.

        Returns:
            Number of new answers, and of those that were there.

        Raises:
            DiskFullError: nothing is stored.
            BappsmithError: an answer contradicts a stored one, or cannot belong to the study. Nothing is stored.
        """
        return self._database.write(lambda connection: import_votes(connection, votes, self.secret, self._clock))

    def set_aside(self, person: str, rule: str, detail: str) -> None:
        """Let the answers of a person no longer count. Nothing is deleted; the items are asked again.

        Args:
            person: hash of the person.
            rule: name of the rule.
            detail: what the rule found.
        """
        self._database.write(lambda connection: people.set_aside(connection, person, rule, detail))

    def readmit(self, person: str) -> None:
        """Let the answers of a person who was set aside count again."""
        self._database.write(lambda connection: people.readmit(connection, person, self._clock()))

    def withdraw(self, person: str, *, delete: bool = False) -> None:
        """Take a person out who wishes so: nothing of the person counts, and no further answer is taken.

        Args:
            person: hash of the person.
            delete: remove all answers and sessions of the person. Only the hash stays, so that it is not asked again.
        """
        self._database.write(lambda connection: people.withdraw(connection, person, self._clock(), delete=delete))

    def set_priorities(self, rows: Iterable[tuple[str, int, float]]) -> None:
        """Say which items are asked first: those of the highest priority; equal ones at random. All begin with 1.

        Args:
            rows: (subset, index, priority). Other items keep theirs.

        Raises:
            BappsmithError: an item is not part of the study, or a priority is not finite. Earlier rows may be stored.
        """
        waiting = list(rows)
        for start in range(0, len(waiting), _CHUNK):
            chunk = waiting[start : start + _CHUNK]
            self._database.write(lambda connection, chunk=chunk: set_priorities(connection, chunk))

    def check(self) -> list[str]:
        """Count everything anew. Returns one line per problem; an empty list if all is consistent."""
        with self._database.reading() as connection:
            return check_counts(connection)
