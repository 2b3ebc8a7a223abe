"""JSON with a hash of itself: any change shows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.sealed_json import LARGEST, DamagedError, read_sealed, sealed_bytes
from bappsmith.manifests.store.local import LocalStore

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


class OneFile(LocalStore):
    """A store of one file that is not on any disk."""

    def __init__(self, content: bytes) -> None:
        super().__init__("nowhere")
        self._content = content

    def read(self, name: str) -> bytes:
        return self._content

    def size(self, name: str) -> int:
        return len(self._content)


@given(data=st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES, max_size=4))
def test_data_comes_back(data: dict[str, object]):
    assert read_sealed(OneFile(sealed_bytes(data)), "x.json") == data


CONTENT = {"fingerprint": "ab" * 8, "subsets": {"2afc/train/a": 520}, "share": 0.25, "text": "é\n"}


@given(position=st.integers(0, len(sealed_bytes(CONTENT)) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_says_the_same(position: int, byte: int):
    content = bytearray(sealed_bytes(CONTENT))
    content[position] = byte
    data, refusal = None, ""
    try:
        data = read_sealed(OneFile(bytes(content)), "x.json")
    except DamagedError as error:
        refusal = str(error)
    assert data == CONTENT or "nowhere/x.json is damaged" in refusal
    assert "\n" not in refusal


@given(st.binary(max_size=60))
def test_any_other_file_is_refused(content: bytes):
    with pytest.raises(DamagedError):
        read_sealed(OneFile(content), "x.json")


@pytest.mark.parametrize("content", [b"[" * 100_000, b"[1]", b"null", b'{"a": 1}', b"\xff\xfe", b"1" * 5000])
def test_hostile_files_are_one_line(content: bytes):
    with pytest.raises(DamagedError, match=r"^nowhere/x\.json is damaged"):
        read_sealed(OneFile(content), "x.json")


def test_a_file_without_end_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "x.json").touch()
    os.truncate(tmp_path / "x.json", LARGEST + 1)  # of which the disk holds nothing
    monkeypatch.setattr(LocalStore, "read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(DamagedError, match=r"1,073,741,825 bytes, at most 1,073,741,824 are read"):
        read_sealed(LocalStore(tmp_path), "x.json")


def test_what_is_missing_or_no_file(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_sealed(LocalStore(tmp_path), "x.json")
    (tmp_path / "x.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("x.json", "pipe.json"):
        with pytest.raises(DamagedError, match="is not a regular file"):
            read_sealed(LocalStore(tmp_path), name)


def test_a_number_written_otherwise_has_the_same_hash():
    text = sealed_bytes({"share": 0.5}).decode().replace("0.5", "5e-1")
    assert read_sealed(OneFile(text.encode()), "x.json") == {"share": 0.5}
    assert json.loads(text)["share"] == 0.5
