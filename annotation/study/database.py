"""The database of a study: one thread writes, many waiting operations share one commit, readers have connections."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bappsmith.manifests.errors import BappsmithError

from .errors import DiskFullError, StorageError

_T = TypeVar("_T")
_LARGEST_GROUP = 256
"""Operations per commit. More only lengthen the wait of the first one."""
_IDLE_READERS = 8
"""Connections that are kept for the next reader."""
_FAULTS = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
}
"""Errors that say nothing of the operation: it can succeed later."""


class Database:
    """A SQLite database in WAL mode, with synchronous=FULL: what is committed survives a power cut.

    Only one process may have it open for writing; the caller holds a lock. Others may read meanwhile.

    Args:
        path: of the file, which exists.
        write: whether `write` may be called.

    Raises:
        BappsmithError: the file is missing, cannot be read, or is no database.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        self._operations: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None]
        self._operations = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        if not path.is_file():
            raise BappsmithError(f"{path} is missing; give the folder of a study")
        try:
            with self.reading() as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if write:
                self._begin_writing()
        except BaseException:
            self.close()
            raise

    def _begin_writing(self) -> None:
        connection = self._connect("rw")
        try:
            with self._readable():
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")  # what a person withdraws is overwritten
                connection.execute("PRAGMA journal_size_limit = 16777216")
        except BaseException:
            connection.close()
            raise
        self._writer = threading.Thread(target=self._run, args=(connection,), name="study-writer", daemon=True)
        self._writer.start()

    def write(self, operation: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run an operation in a transaction, and wait until it is on the disk.

        An operation that raises leaves nothing behind; others of the same commit are not touched.

        Args:
            operation: a function of the connection. It neither begins nor commits.

        Returns:
            What the operation returns.

        Raises:
            DiskFullError: nothing was stored.
            BappsmithError: the study is closed or was opened for reading; or whatever the operation raises.
        """
        done: Future[Any] = Future()
        with self._guard:
            if self._writer is None or self._closed:
                what = "closed" if self._closed else "open for reading only"
                raise BappsmithError(f"{self._path} is {what}; open the study for writing")
            self._operations.put((operation, done))
        return done.result()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Yield a connection that reads one consistent state of the database.

        Raises:
            BappsmithError: the file cannot be read, or is no database.
        """
        with self._guard:
            if self._closed:
                raise BappsmithError(f"{self._path} is closed; open the study again")
            connection = self._idle.pop() if self._idle else None
        with self._readable():
            connection = connection or self._connect("ro")
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                with self._guard:
                    keep = not self._closed and len(self._idle) < _IDLE_READERS
                    if keep:
                        self._idle.append(connection)
                if not keep:
                    connection.close()

    def close(self) -> None:
        """Finish the waiting operations, and close all connections."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self._writer is not None:
            self._operations.put(None)
            self._writer.join()

    def _connect(self, mode: str) -> sqlite3.Connection:
        with self._readable():
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=30,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
            connection.row_factory = sqlite3.Row
            return connection

    @contextmanager
    def _readable(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise as_refusal(self._path, error) from error

    def _run(self, connection: sqlite3.Connection) -> None:
        """Write until `close`: take what waits, run all of it in one transaction, commit, tell the callers."""
        more = True
        while more:
            group = [self._operations.get()]
            while len(group) < _LARGEST_GROUP and not self._operations.empty():
                group.append(self._operations.get())
            more = None not in group
            waiting = [entry for entry in group if entry is not None]
            if waiting:
                self._commit(connection, waiting)
        connection.close()

    def _commit(
        self,
        connection: sqlite3.Connection,
        waiting: list[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]],
    ) -> None:
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for operation, done in waiting:
                connection.execute("SAVEPOINT operation")
                try:
                    results.append((done, operation(connection), None))
                except Exception as error:
                    if not connection.in_transaction:  # SQLite rolled all of it back: the disk is full
                        raise
                    connection.execute("ROLLBACK TO operation")
                    known = as_refusal(self._path, error) if isinstance(error, sqlite3.Error) else error
                    results.append((done, None, known))
                connection.execute("RELEASE operation")
            connection.execute("COMMIT")
        except Exception as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            refusal = as_refusal(self._path, error) if isinstance(error, sqlite3.Error) else error
            for _, done in waiting:
                done.set_exception(refusal)
            return
        for done, result, error in results:
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)


def as_refusal(path: Path, error: sqlite3.Error) -> BappsmithError:
    """Turn an error of SQLite into one readable line."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return DiskFullError(
            f"{path}: the disk is full or cannot be written ({error}); nothing of this was stored; free some space and "
            "send it again"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StorageError(f"{path} is damaged or no database ({error}); restore it from a copy")
    if code in _FAULTS:
        return StorageError(
            f"{path} cannot be used now ({error}); nothing of this was stored; check owner and mode of file and folder"
        )
    return BappsmithError(f"{path}: the database refused this ({error}); nothing of this was stored")
