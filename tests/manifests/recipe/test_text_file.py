"""Text files from outside: regular, small and UTF-8, or refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.text_file import MAX_BYTES, read_text_file


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"a: 1\r\n", "a: 1\r\n"), (b"\xef\xbb\xbfa: 1", "a: 1"), (b"", ""), (b"#" * MAX_BYTES, "#" * MAX_BYTES)],
)
def test_text_is_read_without_byte_order_mark(tmp_path: Path, data: bytes, text: str):
    (tmp_path / "a.yaml").write_bytes(data)
    assert read_text_file(tmp_path / "a.yaml") == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"#" * (MAX_BYTES + 1), "longer than 1,048,576 bytes"),
        ("name: é".encode("latin-1"), r"not a text file in UTF-8 \(byte 6\)"),
        ("a: 1".encode("utf-16"), "not a text file in UTF-8"),
    ],
)
def test_what_is_no_small_text_is_refused(tmp_path: Path, data: bytes, words: str):
    (tmp_path / "a.yaml").write_bytes(data)
    with pytest.raises(BappsmithError, match=rf"a\.yaml: {words}"):
        read_text_file(tmp_path / "a.yaml")


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "missing", "name"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str):
    path = tmp_path / "a.yaml"
    if kind == "pipe":
        os.mkfifo(path)  # opening it would wait for a writer
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "name":
        path = tmp_path / "a\nb\x1b.yaml"
    with pytest.raises(BappsmithError) as refused:
        read_text_file(path)
    assert str(refused.value).isprintable()
    assert ("No such file" if kind in ("missing", "name") else "not a regular file") in str(refused.value)
