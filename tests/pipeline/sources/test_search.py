"""Every folder is searched once, whatever links lead to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.pipeline.sources.search import search_folder, stamp


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_links_to_folders_are_searched_under_their_names(tmp_path: Path):
    touch(tmp_path / "photos" / "a.png")
    touch(tmp_path / "elsewhere" / "deep" / "b.png")
    (tmp_path / "photos" / "link").symlink_to(tmp_path / "elsewhere")
    stamps, closed = search_folder(tmp_path / "photos")
    assert sorted(stamps) == ["a.png", "link/deep/b.png"]
    assert closed == []


def test_loops_end_and_real_names_come_before_links(tmp_path: Path):
    touch(tmp_path / "photos" / "z" / "a.png")
    for place in ("photos/self", "photos/z/up", "photos/z/other"):
        (tmp_path / place).symlink_to(tmp_path / "photos")
    (tmp_path / "photos" / "a").symlink_to(tmp_path / "photos" / "z")
    (tmp_path / "photos" / "out").symlink_to(tmp_path)
    assert list(search_folder(tmp_path / "photos")[0]) == ["z/a.png"]


def test_links_that_double_at_every_level_take_no_time(tmp_path: Path):
    # 2^32 ways lead to the last folder; the kernel follows 40 links at most.
    for level in range(32):
        (tmp_path / f"d{level}").mkdir()
        for side in ("left", "right"):
            (tmp_path / f"d{level}" / side).symlink_to(tmp_path / f"d{level + 1}")
    touch(tmp_path / "d32" / "a.png")
    stamps, _ = search_folder(tmp_path / "d0")
    assert list(stamps) == ["/".join(["left"] * 32) + "/a.png"]


def test_hidden_names_and_links_to_nothing(tmp_path: Path):
    touch(tmp_path / ".git" / "a.png")
    touch(tmp_path / ".b.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    stamps, closed = search_folder(tmp_path)
    assert stamps == {"gone.png": None, "self.png": None}
    assert closed == []


def test_a_folder_that_cannot_be_searched_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    touch(tmp_path / "open" / "a.png")
    touch(tmp_path / "closed" / "b.png")
    real = os.scandir

    def scandir(path: Path):  # type: ignore[no-untyped-def]  # an iterator that os does not name
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    stamps, closed = search_folder(tmp_path)
    assert list(stamps) == ["open/a.png"]
    assert closed == [("closed", "Permission denied")]


def test_a_stamp_changes_with_size_and_time(tmp_path: Path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    os.utime(path, ns=(5, 7))
    assert stamp(path) == "1:7"
    os.utime(path, ns=(5, 8))
    assert stamp(path) == "1:8"
    os.mkfifo(tmp_path / "pipe.png")
    assert stamp(tmp_path / "pipe.png") is None
