"""Files are read in bounded memory, and only where they are files."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.sources.read import MAX_BYTES, read_photograph


def test_a_file_and_a_link_to_it_are_read(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"content")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    store = LocalStore(tmp_path)
    assert read_photograph(store, "a.png") == read_photograph(store, "b.png") == b"content"


def test_what_is_no_regular_file_is_named_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Short paths: the name of a socket has at most 107 bytes.
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
    Path("device.png").symlink_to("/dev/zero")
    Path("folder.png").mkdir()
    kinds = {"pipe": "named pipe", "socket": "socket", "device": "character device", "folder": "folder"}
    for name, kind in kinds.items():
        with pytest.raises(BappsmithError, match=rf"^photograph {name}\.png: not a regular file \({kind}\)$"):
            read_photograph(LocalStore(tmp_path), f"{name}.png")


def test_what_cannot_be_opened_is_named_in_one_line(tmp_path: Path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    with pytest.raises(BappsmithError, match=r"^photograph loop\.png: cannot be opened \(Too many levels"):
        read_photograph(LocalStore(tmp_path), "loop.png")
    with pytest.raises(BappsmithError, match=r"^photograph a\\nb\.png: cannot be opened \(No such file"):
        read_photograph(LocalStore(tmp_path), "a\nb.png")


def test_a_file_larger_than_any_photograph_is_not_read(tmp_path: Path):
    with (tmp_path / "a.png").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # takes no space
    with pytest.raises(
        BappsmithError, match=r"^photograph a\.png: 4,294,967,297 bytes; at most 4,294,967,296 are read$"
    ):
        read_photograph(LocalStore(tmp_path), "a.png")
