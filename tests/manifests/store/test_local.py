"""Files of a folder: whole or not there, all of them named, nothing strange opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.manifests.store import local
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.regular import NotRegularError


def test_files_by_name(tmp_path: Path):
    store = LocalStore(tmp_path / "data")
    assert list(store.files()) == []
    store.write("a/b.txt", b"one")
    store.write("a/b.txt", b"other")
    store.write_durable("c.txt", b"12345")
    assert sorted(store.files()) == ["a/b.txt", "c.txt"]
    assert list(store.files("a")) == ["a/b.txt"]
    assert (store.read("a/b.txt"), store.size("c.txt")) == (b"other", 5)
    with store.open("c.txt") as stream:
        stream.seek(3)
        assert stream.read() == b"45"
    assert store.exists("c.txt")
    assert not store.exists("a")
    store.remove("a")
    store.remove("c.txt")
    store.remove("c.txt")
    assert list(store.files()) == []


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    store = LocalStore(tmp_path)
    store.write("a.txt", b"old")

    def fail() -> None:
        with store.writing("a.txt") as partial:
            partial.write_bytes(b"half")
            raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        fail()
    assert os.listdir(tmp_path) == ["a.txt"]
    assert store.read("a.txt") == b"old"


def test_what_is_half_written_stands_in_the_folder_of_the_work(tmp_path: Path):
    store = LocalStore(tmp_path)
    (tmp_path / ".bappsmith").mkdir()
    with store.writing("a.txt") as partial:
        assert partial.parent == tmp_path / ".bappsmith"
        partial.write_bytes(b"x")
    assert sorted(store.files()) == ["a.txt"]


def test_links_and_empty_folders_are_named_and_not_followed(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.txt").touch()
    root = tmp_path / "data"
    (root / "empty/deeper").mkdir(parents=True)
    (root / "folder").mkdir()
    (root / "folder/a.txt").touch()
    (root / "folder/link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(root / "pipe")
    store = LocalStore(root)
    assert sorted(store.files()) == ["dangling", "folder/a.txt", "folder/link", "pipe"]
    assert list(store.empty_folders()) == ["empty/deeper"]


@pytest.mark.parametrize("what", ["pipe", "folder", "device"])
def test_only_regular_files_are_opened(tmp_path: Path, what: str):
    match what:
        case "pipe":
            os.mkfifo(tmp_path / "x")
        case "folder":
            (tmp_path / "x").mkdir()
        case _:
            (tmp_path / "x").symlink_to("/dev/zero")
    store = LocalStore(tmp_path)
    for read in (store.read, store.open):
        with pytest.raises(NotRegularError, match="x is not a regular file"):
            read("x")


def test_a_durable_file_is_synced_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[tuple[str, bytes, bool]] = []
    monkeypatch.setattr(
        local, "sync_file", lambda path: synced.append((path.name, path.read_bytes(), (tmp_path / "a.txt").exists()))
    )
    LocalStore(tmp_path).write_durable("a.txt", b"data")
    (partial, content, there), last = synced
    assert partial.startswith("a.txt.")
    assert partial.endswith(".partial")
    assert (content, there) == (b"data", False)
    assert last == ("a.txt", b"data", True)


def test_a_sync_is_one_call_for_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folders: list[Path] = []
    monkeypatch.setattr(local, "sync_file_system", folders.append)
    store = LocalStore(tmp_path)
    for number in range(5):
        store.write(f"{number}.txt", b"x")
    assert folders == []
    store.sync()
    assert folders == [tmp_path]
