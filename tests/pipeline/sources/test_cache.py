"""What is kept of an index is taken whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.sources import cache as module
from bappsmith.pipeline.sources.cache import PhotographCache, read_cache, read_listing, update_cache, write_cache

PHOTOGRAPHS = {
    name: Photograph(name, f"{i:064x}", 40 + i, 50, f"{i:064x}") for i, name in enumerate(["a.png", "ü\n.png"])
}
KEPT = PhotographCache(PHOTOGRAPHS, {"a.png": "7:1", "ü\n.png": None})


def test_what_is_kept_comes_back(tmp_path: Path):
    write_cache(LocalStore(tmp_path), "cache", KEPT)
    assert read_cache(LocalStore(tmp_path), "cache") == KEPT


def test_a_photograph_is_unchanged_if_its_stamp_is(tmp_path: Path):
    photo = PHOTOGRAPHS["a.png"]
    assert KEPT.unchanged("a.png", "7:1", 2000) is photo
    assert KEPT.unchanged("a.png", "7:1", 1999) is None
    assert KEPT.unchanged("a.png", "7:2", 2000) is None
    assert KEPT.unchanged("a.png", None, 2000) is None
    assert KEPT.unchanged("ü\n.png", None, 9000) is None
    assert KEPT.unchanged("b.png", "7:1", 9000) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_no_file(tmp_path: Path, where: float, flip: int, cut: bool):
    store = LocalStore(tmp_path)
    write_cache(store, "cache", KEPT)
    data = bytearray((tmp_path / "cache").read_bytes())
    at = int(where * len(data))
    if cut:
        del data[at:]
    else:
        data[at] ^= flip
    (tmp_path / "cache").write_bytes(data)
    assert read_cache(store, "cache") in (PhotographCache(), KEPT)  # a space of the head may be another one


@pytest.mark.parametrize("content", [b"", b"[]", b"null\n", b"{}\n{}", b'{"sha256": 3}\n', b"\xff\xfe", b"[" * 100_000])
def test_anything_else_is_no_file(tmp_path: Path, content: bytes):
    (tmp_path / "cache").write_bytes(content)
    assert read_cache(LocalStore(tmp_path), "cache") == PhotographCache()
    assert read_listing(LocalStore(tmp_path), "cache") == PhotographCache()


def test_other_versions_know_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = LocalStore(tmp_path)
    assert read_cache(store, "cache") == PhotographCache()
    write_cache(store, "cache", KEPT)
    monkeypatch.setattr(module, "version", lambda package: "0.0")
    assert read_cache(store, "cache") == PhotographCache()


def test_the_file_is_written_only_where_it_changes(tmp_path: Path):
    store = LocalStore(tmp_path)
    stamps = {**KEPT.stamps, "unreadable.png": "1:1"}
    update_cache(store, "cache", PhotographCache(), PHOTOGRAPHS.values(), stamps)
    assert read_cache(store, "cache") == KEPT
    (tmp_path / "cache").unlink()
    update_cache(store, "cache", KEPT, PHOTOGRAPHS.values(), stamps)
    assert not (tmp_path / "cache").exists()


def test_a_sealed_listing_has_no_stamps(tmp_path: Path):
    entry = {"name": "a.png", "sha256": "0", "height": 3, "width": 4, "pixels_sha256": "1"}
    (tmp_path / "sources.json").write_text(json.dumps({"photographs": [entry]}))
    listing = read_listing(LocalStore(tmp_path), "sources.json")
    assert listing == PhotographCache({"a.png": Photograph(**entry)})
