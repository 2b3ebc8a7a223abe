"""The work log: begin, refuse, lock, go on, finish; and what a kill or a power cut leaves of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.sealed_json import DamagedError, sealed_bytes
from bappsmith.manifests.store import local
from bappsmith.manifests.work_log import ACTIVATION, BANK, DATASET, TRAINING, WorkLog

PARTS = {"recipe": "a" * 64, "numpy": "2.0"}


@pytest.fixture
def log(tmp_path: Path) -> WorkLog:
    return WorkLog(tmp_path / "out", DATASET)


def begin(log: WorkLog, parts: dict[str, str] | None = None) -> None:
    """A run that is killed when it had begun."""
    with log.at_work(parts or PARTS, {"any": [1, "fact"]}):
        pass


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_work_begins_goes_on_and_is_finished(log: WorkLog, tmp_path: Path):
    assert log.parts_there() is None
    begin(log)
    assert not log.finished
    assert (log.parts_there(), log.read_begin()) == (PARTS, {"any": [1, "fact"]})
    with log.at_work(PARTS, {}):
        for number in (0, 12):
            log.record("2afc-train-a", number, "parquet", b"entry")
        log.record("jnd-val-a", 1, "parquet", b"entry")
        assert log.done("2afc-train-a") == {0, 12}
        assert log.done("2afc-val-a") == set()
        log.finish({"more": "facts"}, PARTS)
    assert log.finished
    assert names(tmp_path / "out") == {"seal.json"}
    assert log.read_final() == {"more": "facts", "parts": PARTS}
    with log.at_work(PARTS, {}):
        assert names(tmp_path / "out") == {"seal.json"}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({**PARTS, "numpy": "2.1"}, "holds another dataset: numpy 2.0 → 2.1 differs; choose another folder"),
        ({**PARTS, "recipe": "b" * 64}, "holds another dataset: recipe differs"),
        ({"recipe": "b" * 64}, "holds another dataset: numpy, recipe differ; choose"),
        ({**PARTS, "scipy": "1"}, "holds another dataset: scipy differs"),
    ],
)
@pytest.mark.parametrize("end", [False, True], ids=["begun", "finished"])
def test_other_parts_are_named_and_nothing_is_written(log: WorkLog, tmp_path: Path, parts, words: str, end: bool):
    begin(log)
    if end:
        log.finish({}, PARTS)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}
    with pytest.raises(BappsmithError, match=words):
        begin(log, parts)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")} == before


def test_only_one_run_writes_at_a_time(log: WorkLog, tmp_path: Path):
    other = WorkLog(tmp_path / "out", DATASET)
    with log.at_work(PARTS, {}), pytest.raises(BappsmithError, match=r"another run is writing to .*out; wait"):
        begin(other)
    begin(other)


def test_an_address_has_no_lock_and_refuses_other_parts():
    memory = fsspec.filesystem("memory")
    try:
        log = WorkLog("memory://out", DATASET)
        with log.at_work(PARTS, {}):
            begin(WorkLog("memory://out", DATASET))
            with pytest.raises(BappsmithError, match="recipe differs"):
                begin(WorkLog("memory://out", DATASET), {**PARTS, "recipe": "b"})
            log.record("2afc-train-a", 3, "parquet", b"entry")
            assert log.done("2afc-train-a") == {3}
            log.finish({}, PARTS)
        assert memory.find("/out") == ["/out/seal.json"]
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_another_kind_of_work_is_refused(log: WorkLog, tmp_path: Path):
    begin(log)
    with pytest.raises(BappsmithError, match="holds an unfinished dataset, not a training"):
        begin(WorkLog(tmp_path / "out", TRAINING))
    log.finish({}, PARTS)
    with pytest.raises(BappsmithError, match=r"do not belong to a bappsmith bank \(seal\.json\)"):
        begin(WorkLog(tmp_path / "out", BANK))


def test_a_folder_with_other_files_is_refused(tmp_path: Path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/one.tex").touch()
    for kind in (DATASET, BANK, TRAINING):
        with pytest.raises(BappsmithError, match=rf"do not belong to a bappsmith {kind.name} \(thesis\)"):
            begin(WorkLog(tmp_path, kind))
    assert names(tmp_path) == {"thesis/one.tex"}


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"null", b'{"kind": "dataset"}'])
def test_a_damaged_begin_means_that_parts_are_checked_one_by_one(log: WorkLog, tmp_path: Path, data: bytes):
    begin(log)
    log.record("2afc-train-a", 0, "parquet", b"entry")
    (tmp_path / "out/.bappsmith/begin.json").write_bytes(data)
    with pytest.raises(DamagedError):
        log.read_begin()
    begin(log, {**PARTS, "numpy": "3"})  # an entry tells by its own fingerprint whose it is
    assert log.parts_there() == {**PARTS, "numpy": "3"}
    assert log.done("2afc-train-a") == {0}


def test_a_record_of_another_version_is_refused(log: WorkLog, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/seal.json").write_bytes(sealed_bytes({"subsets": {}}))
    with pytest.raises(BappsmithError, match=r"seal\.json was written by another version of bappsmith"):
        begin(log)


def test_what_killed_runs_left_half_written_is_removed_and_nothing_else(log: WorkLog, tmp_path: Path):
    begin(log)
    work = tmp_path / "out/.bappsmith"
    (work / "tmp-1").mkdir()
    (work / "tmp-1/half.png").touch()
    (work / "000000.parquet.0123.partial").touch()
    (work / "photographs.jsonl").write_text("kept")
    begin(log)
    assert names(tmp_path / "out") - {".bappsmith/lock"} == {".bappsmith/begin.json", ".bappsmith/photographs.jsonl"}


@pytest.mark.parametrize("kind", ["dataset", None, ACTIVATION])
def test_a_log_is_removed_where_its_run_was_killed_after_it_had_finished(
    log: WorkLog, tmp_path: Path, kind: str | None
):
    begin(log)
    left = {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}
    log.finish({}, PARTS)
    # As after a kill in the midst of the removal, or while something else was under way in the finished dataset.
    (tmp_path / "out/.bappsmith").mkdir()
    if kind is not None:
        begun = {"kind": kind, "parts": PARTS, "facts": {}}
        (tmp_path / "out/.bappsmith/begin.json").write_bytes(sealed_bytes(begun))
    assert left
    begin(log)
    assert (tmp_path / "out/.bappsmith/begin.json").exists() == (kind == ACTIVATION)


def test_entries_that_are_none_are_passed_over(log: WorkLog, tmp_path: Path):
    begin(log)
    log.record("g", 7, "json", b"{}")
    folder = tmp_path / "out/.bappsmith/entries/g"
    for name in ("000008.json.abc.partial", "notes.txt", "12.json"):
        (folder / name).touch()
    assert log.done("g") == {7}


def test_everything_is_on_the_disk_before_what_says_so(log: WorkLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    begin(log)
    happened: list[str] = []

    def note(what: str) -> None:
        happened.append(f"{what} {sorted(names(tmp_path / 'out') - {'.bappsmith/lock', '.bappsmith/begin.json'})}")

    monkeypatch.setattr(local, "sync_file_system", lambda folder: note("all"))
    monkeypatch.setattr(local, "sync_file", lambda path: note(path.suffix))
    log.store.write("shard.tar", b"items")
    log.record("g", 0, "json", b"{}")
    entry = ".bappsmith/entries/g/000000.json"
    assert happened == ["all ['shard.tar']"]  # one sync for an entry, before it
    happened.clear()
    log.finish({}, PARTS)
    assert happened[0] == f"all {sorted(['shard.tar', entry])}"
    assert happened[1].startswith(".partial")  # the seal, before it has its name
    assert happened[-1] == "all ['seal.json', 'shard.tar']"  # the log does not come back


def test_what_is_not_there_is_said_with_what_to_do(log: WorkLog, tmp_path: Path):
    for action in (log.read_begin, log.read_final):
        with pytest.raises(BappsmithError, match=r"is not an? .*bappsmith dataset"):
            action()
    begin(log)
    with pytest.raises(BappsmithError, match="is not finished; run the same `bappsmith generate` again"):
        log.read_final()
    (tmp_path / "out/seal.json").write_bytes(b"")
    with pytest.raises(DamagedError, match="run the same `bappsmith generate` again to check everything"):
        log.read_final()


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_a_finished_record_is_readable_json_for_others(log: WorkLog, tmp_path: Path):
    with umask(0o022):
        begin(log)
        log.finish({"name": "é"}, PARTS)
    path = tmp_path / "out/seal.json"
    assert path.stat().st_mode & 0o444 == 0o444
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == "é"
