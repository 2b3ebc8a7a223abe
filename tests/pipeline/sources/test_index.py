"""The index is the same for any number of workers, with a cache and without."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources import batch
from bappsmith.pipeline.sources.cache import PhotographCache
from bappsmith.pipeline.sources.find import find_photographs
from bappsmith.pipeline.sources.index import SourceIndex, index_photographs, index_sources
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .images import FILES, NOISE


@pytest.fixture(scope="module")
def two_workers() -> Iterator[WorkerPool]:
    with WorkerPool(local_client(2)) as pool:
        yield pool


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty photographs, of which some cannot be read."""
    root = tmp_path_factory.mktemp("mixed")
    for number in range(40):
        data = FILES["jpeg"][:900] if number in (13, 14, 38) else FILES["png"]
        (root / f"{number:02d}.png").write_bytes(data)
    return root


def indexed(place: Path, pool: WorkerPool, cache: PhotographCache | None = None, **change: object) -> SourceIndex:
    sources = Sources(path=str(place), **change)  # type: ignore[arg-type]
    return index_photographs(find_photographs(sources.path), sources, pool, cache)


def kept(place: Path) -> PhotographCache:
    """What a run keeps."""
    index = index_sources(Sources(path=str(place), on_unreadable="skip"))
    return PhotographCache({photo.name: photo for photo in index.photographs}, find_photographs(str(place)).stamps)


def test_two_workers_index_alike(mixed: Path, two_workers: WorkerPool):
    serial = index_sources(Sources(path=str(mixed), on_unreadable="skip"))
    assert indexed(mixed, two_workers, on_unreadable="skip") == serial
    assert len(serial.photographs) == 37
    assert [name for name, _ in serial.skipped] == ["13.png", "14.png", "38.png"]


def test_the_first_that_cannot_be_read_stops_any_number_of_workers(mixed: Path, two_workers: WorkerPool):
    words = r"^photograph 13\.png: .*; remove it, or set sources\.on_unreadable: skip$"
    for pool in (WorkerPool(None), two_workers):
        with pytest.raises(BappsmithError, match=words):
            indexed(mixed, pool)


def test_formats_that_are_not_read_stop_the_run_or_are_passed_over_by_name(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(FILES["png"])
    (tmp_path / "b.heic").write_bytes(b"x")
    (tmp_path / "c.cr2").write_bytes(b"x")
    with pytest.raises(BappsmithError, match=r"^photograph b\.heic: format HEIC .*skip \(1 more cannot be read\)$"):
        index_sources(Sources(path=str(tmp_path)))
    index = index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))
    assert [name for name, _ in index.skipped] == ["b.heic", "c.cr2"]


def test_a_pipe_and_an_endless_device_are_named(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(FILES["png"])
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    index = index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))
    assert [photo.name for photo in index.photographs] == ["a.png"]
    assert [name for name, _ in index.skipped] == ["pipe.png", "zero.png"]
    assert all("not a regular file" in reason for _, reason in index.skipped)


def test_none_that_can_be_read_is_an_error(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "b.heic").write_bytes(b"x")
    with pytest.raises(BappsmithError, match="none of its 2 photographs can be read"):
        index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))


def test_a_recipe_sets_the_limit_of_pixels(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(FILES["png"])
    (tmp_path / "b.png").write_bytes(FILES["bmp"])
    Image.fromarray(NOISE[:32]).save(tmp_path / "c.png")
    index = index_sources(Sources(path=str(tmp_path), on_unreadable="skip", max_pixels=64 * 63))
    assert [photo.name for photo in index.photographs] == ["c.png"]
    with pytest.raises(
        BappsmithError, match=r"photograph a\.png: more than 4,032 pixels; the recipe's sources\.max_pixels"
    ):
        index_sources(Sources(path=str(tmp_path), max_pixels=64 * 63))


def test_unchanged_photographs_are_not_opened(mixed: Path, monkeypatch: pytest.MonkeyPatch):
    cache = kept(mixed)
    opened: list[str] = []
    real = batch.read_photograph
    monkeypatch.setattr(batch, "read_photograph", lambda store, name: (opened.append(name), real(store, name))[1])
    again = indexed(mixed, WorkerPool(None), cache, on_unreadable="skip")
    assert again.photographs == tuple(cache.photographs.values())
    assert opened == ["13.png", "14.png", "38.png"]  # only what could not be read before


@pytest.mark.parametrize("sealed", [False, True])
def test_the_same_content_is_not_decoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(FILES["png"])
    cache = kept(tmp_path)
    if sealed:
        cache = PhotographCache(cache.photographs)
    else:
        for name in cache.stamps:
            os.utime(tmp_path / name, ns=(1, 1))
    (tmp_path / "b.png").write_bytes(FILES["bmp"])
    Image.fromarray(NOISE[:32]).save(tmp_path / "c.png")
    decoded: list[str] = []
    real = batch.decode
    monkeypatch.setattr(batch, "decode", lambda data, name, limit: (decoded.append(name), real(data, name, limit))[1])
    again = indexed(tmp_path, WorkerPool(None), cache)
    assert decoded == ["b.png", "c.png"]
    assert again == index_sources(Sources(path=str(tmp_path)))


def test_a_cached_photograph_above_the_limit_is_refused(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(FILES["png"])
    with pytest.raises(BappsmithError, match="more than 4,095 pixels"):
        indexed(tmp_path, WorkerPool(None), kept(tmp_path), max_pixels=4095)


def test_progress_counts_every_photograph(mixed: Path):
    calls: list[tuple[int, int]] = []
    index_sources(Sources(path=str(mixed), on_unreadable="skip"), lambda done, total: calls.append((done, total)))
    assert calls[0] == (0, 40)
    assert calls[-1] == (40, 40)
    assert calls == sorted(calls)


def test_a_photograph_that_changed_is_refused(tmp_path: Path):
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    index = index_sources(Sources(path=str(tmp_path)))
    assert np.array_equal(index.read(index.photographs[0]), NOISE)
    Image.fromarray(NOISE[::-1]).save(tmp_path / "a.png")
    with pytest.raises(BappsmithError, match=r"a\.png.*sha256 differs"):
        index.read(index.photographs[0])
