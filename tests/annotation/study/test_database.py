import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.database import Database
from bappsmith.annotation.study.errors import DiskFullError
from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives
from bappsmith.annotation.study.study import DATABASE, Study
from bappsmith.manifests.errors import BappsmithError


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE numbers (value INTEGER UNIQUE)")
    made = Database(path, write=True)
    yield made
    made.close()


def insert(value):
    return lambda connection: connection.execute("INSERT INTO numbers VALUES (?)", (value,)).lastrowid


def numbers(database):
    with database.reading() as connection:
        return [row[0] for row in connection.execute("SELECT value FROM numbers ORDER BY value")]


def test_many_waiting_operations_share_a_commit(database):
    commits = []
    begun, gate = threading.Event(), threading.Event()

    def wait(connection):
        begun.set()
        connection.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
        gate.wait(60)

    with ThreadPoolExecutor(41) as pool:
        first = pool.submit(database.write, wait)
        assert begun.wait(60)  # alone in its commit: what follows has to queue
        others = [pool.submit(database.write, insert(value)) for value in range(40)]
        while database._operations.qsize() < 40:
            time.sleep(0.001)
        gate.set()
        first.result()
        assert sorted(other.result() for other in others) == list(range(1, 41))
    assert len(commits) <= 2
    assert numbers(database) == list(range(40))


def test_an_operation_that_fails_leaves_nothing_and_touches_no_other(database):
    gate = threading.Event()

    def fails(connection):
        insert(100)(connection)
        raise KeyError("mine")

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(database.write, lambda _: gate.wait(10))
        calls = [pool.submit(database.write, call) for call in (insert(1), fails, insert(1), insert(2))]
        gate.set()
        first.result()
        assert calls[0].exception() is None
        assert isinstance(calls[1].exception(), KeyError)
        assert "the database refused this" in str(calls[2].exception())
        assert calls[3].exception() is None
    assert numbers(database) == [1, 2]


def test_what_is_written_is_in_a_journal_that_is_synced(database):
    def pragmas(connection):
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    assert database.write(pragmas) == ["wal", 2]


def test_a_reader_sees_one_state(database):
    database.write(insert(1))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM numbers").fetchone()[0] == 1
        database.write(insert(2))
        assert connection.execute("SELECT count(*) FROM numbers").fetchone()[0] == 1
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO numbers VALUES (3)")
    assert numbers(database) == [1, 2]


def test_readers_do_not_pile_up(database):
    with ThreadPoolExecutor(30) as pool:
        assert all(entries == [] for entries in pool.map(lambda _: numbers(database), range(300)))
    assert len(database._idle) <= 8


def test_closing_finishes_what_waits(tmp_path, database):
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(database.write, insert(value)) for value in range(20)]
        database.close()
    stored = sum(call.exception() is None for call in calls)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM numbers").fetchone()[0] == stored
    assert all("closed" in str(call.exception()) for call in calls if call.exception())
    assert not (tmp_path / "a.sqlite-wal").exists()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BappsmithError, match="is missing"):
        Database(tmp_path / "none.sqlite", write=True)


def test_a_full_disk_is_one_clear_line_and_nothing_is_acknowledged(tmp_path, memory_source, begin):
    settings = StudySettings(votes=1, afc=TwoAlternatives(items=2_000, sentinels=0, repeats=0, training=0))
    study = Study.create(tmp_path / "study", memory_source({"a": ("2afc", 2_000)}), settings)
    session, tab = begin(study, "anna")

    def limit(pages):
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    study._database.write(limit(study._database.write(limit(1)) + 20))  # at least what it has
    acknowledged = 0

    def fill():
        nonlocal acknowledged
        while True:
            showings = study.next_showings(session, tab, 12)
            answers = [Answer(one.id, "left", 500.0) for one in showings]
            acknowledged += sum(receipt.status == "stored" for receipt in study.answer(session, answers))

    with pytest.raises(DiskFullError, match=r"votes.sqlite: the disk is full .* nothing of this was stored"):
        fill()
    assert 0 < acknowledged < 2_000
    assert study.progress().answers == acknowledged
    assert study.check() == []
    study._database.write(limit(1_000_000))  # space again: it goes on
    showings = study.next_showings(session, tab, 12)
    assert study.answer(session, [Answer(one.id, "left", 500.0) for one in showings])[0].status == "stored"
    study.close()


FULL = """
import resource, signal, sys
from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import DiskFullError
from bappsmith.annotation.study.study import Study
study = Study.open(sys.argv[1])
session = study.session_of(study.enter("link", "anna")).id
tab = study.open_tab(session)
for stage in ("instructions", "training", "questions"):
    study.set_stage(session, stage)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))  # no file may grow beyond
stored = 0
try:
    while True:
        showings = study.next_showings(session, tab, 12)
        stored += len(study.answer(session, [Answer(one.id, "left", 500.0) for one in showings]))
except DiskFullError as error:
    print(stored, study.progress().answers, str(error).count(chr(10)), study.check(), sep=";")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_log_that_cannot_grow_is_a_full_disk(tmp_path, memory_source):
    settings = StudySettings(votes=1, afc=TwoAlternatives(items=2_000, sentinels=0, repeats=0, training=0))
    Study.create(tmp_path / "study", memory_source({"a": ("2afc", 2_000)}), settings).close()
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "study")], capture_output=True, text=True, check=False
    )
    stored, seen, lines, problems = run.stdout.strip().split(";")
    assert int(stored) == int(seen) > 0, run.stderr
    assert (lines, problems) == ("0", "[]")
    with Study.open(tmp_path / "study") as study:
        assert study.progress().answers == int(stored)
        assert study.check() == []
    assert Path(tmp_path / "study" / DATABASE).is_file()
