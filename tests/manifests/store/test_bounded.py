"""Reading a file that may be anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.bounded import read_bounded


def test_a_file_is_read_up_to_the_limit(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bounded(tmp_path / "file", 5) == b"12345"
    with pytest.raises(BappsmithError, match="file: larger than 4 bytes"):
        read_bounded(tmp_path / "file", 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_regular_file_is_not_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BappsmithError, match="pipe: not a regular file"):
        read_bounded(tmp_path / "pipe", 5)
    (tmp_path / "endless").symlink_to("/dev/zero")
    with pytest.raises(BappsmithError, match="endless: not a regular file"):
        read_bounded(tmp_path / "endless", 5)
    with pytest.raises(BappsmithError, match=r"missing: cannot be opened \(No such file"):
        read_bounded(tmp_path / "missing", 5)
