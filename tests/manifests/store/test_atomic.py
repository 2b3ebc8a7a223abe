"""Files that are whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from bappsmith.manifests.store.atomic import (
    atomic_write,
    atomic_write_bytes,
    remove_partials,
    replace_file,
    sha256_file,
)


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with atomic_write(path) as partial:
        partial.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        assert partial.parent == tmp_path
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_after_an_error_nothing_is_left(tmp_path: Path, error: BaseException):
    def fail() -> None:
        with atomic_write(tmp_path / "a.txt") as partial:
            partial.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert os.listdir(tmp_path) == []


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path):
    with atomic_write(tmp_path / "a.txt") as one, atomic_write(tmp_path / "a.txt") as other:
        assert one != other
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert (tmp_path / "a.txt").read_bytes() == b"one"  # the outer one ended last
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.ENOSYS, errno.ENOTSUP])
def test_without_rename_a_file_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    atomic_write_bytes(tmp_path / "a.txt", b"data")
    assert (tmp_path / "a.txt").read_bytes() == b"data"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_other_errors_of_a_rename_are_not_hidden(tmp_path: Path):
    (tmp_path / "a").touch()
    (tmp_path / "folder/inside").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path / "a", tmp_path / "folder")
    assert (tmp_path / "a").exists()


def test_what_killed_runs_left_of_a_file_is_removed_and_nothing_else(tmp_path: Path):
    kept = [
        "a.txt",
        "a.txt.partial",
        f"b.txt.{'0' * 32}.partial",
        f"a.txt.{'g' * 32}.partial",
        f"a_txt.{'0' * 32}.partial",
    ]
    for name in (*kept, f"a.txt.{'0' * 32}.partial", f"a.txt.{'f' * 32}.partial"):
        (tmp_path / name).touch()
    remove_partials(tmp_path / "a.txt")
    assert sorted(os.listdir(tmp_path)) == sorted(kept)
    remove_partials(tmp_path / "none" / "a.txt")


def test_the_hash_of_a_file(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()
