"""Photographs and datasets in an object store: a server of its own on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.store.remote import RemoteStore
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

pytest.importorskip("s3fs")
pytest.importorskip("moto.server")

# boto and moto call Python in ways that it will not have for long.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server in a process of its own, as workers see it too."""
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            stdout=stream,
            stderr=stream,
        )
        try:
            deadline = time.monotonic() + 60
            while "Running on http://" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            address = log.read_text().partition("Running on ")[2].split()[0]
            urllib.request.urlopen(address).close()
            yield address
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> fsspec.AbstractFileSystem:
    """The server's files."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", server),
    ):
        monkeypatch.setenv(name, value)
    return fsspec.filesystem("s3")


RECIPE = {
    "name": "small",
    "seed": 7,
    "patch": 16,
    "subsets": [
        {"path": "2afc/train/small", "triplets": 515},
        {"path": "2afc/val/small", "triplets": 6},
        {"path": "jnd/val/small", "pairs": 5},
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_dataset_in_an_object_store_is_that_of_a_folder(
    s3: fsspec.AbstractFileSystem,
    photos: Path,
    tmp_path: Path,
    tree: Callable[[Path], dict[str, str]],
    workers: int,
):
    store, small = s3, Recipe.from_dict({**RECIPE, "sources": {"path": str(photos), "val_fraction": 0.4}})
    bucket = f"bucket{workers}"
    store.mkdir(bucket)
    for photo in photos.iterdir():
        store.pipe_file(f"{bucket}/photos/{photo.name}", photo.read_bytes())
    out = f"s3://{bucket}/data"
    generate(small, out, photos=f"s3://{bucket}/photos", form="tar", workers=workers)
    assert verify(out).clean
    assert replay(out, "2afc/val/small", 3, photos=f"s3://{bucket}/photos").exact
    generate(small, tmp_path / "plain", photos=photos, form="tar")
    plain = tree(tmp_path / "plain")
    names = {name.removeprefix(f"{bucket}/data/") for name in store.find(f"{bucket}/data")}
    assert names == set(plain)
    for name in names - {"seal.json", "recipe.yaml"}:  # which tell the folder of the photographs
        assert store.cat_file(f"{bucket}/data/{name}") == (tmp_path / "plain" / name).read_bytes()
    store.pipe_file(f"{bucket}/data/2afc/val/small/000000.tar", b"other")
    assert not verify(out).clean


def test_files_of_an_object_store_by_name(s3: fsspec.AbstractFileSystem):
    s3.mkdir("plain")
    store = RemoteStore("s3://plain/data/")
    assert (store.root, store.folder, list(store.files())) == ("s3://plain/data", None, [])
    store.write("a/b.txt", b"one")
    store.write_durable("c.txt", b"twelve bytes")
    with store.writing("a/d.txt") as partial:
        partial.write_bytes(b"x")
        assert not store.exists("a/d.txt")  # until it is whole
    assert sorted(store.files()) == ["a/b.txt", "a/d.txt", "c.txt"]
    assert sorted(store.files("a")) == ["a/b.txt", "a/d.txt"]
    assert (store.read("a/b.txt"), store.size("c.txt")) == (b"one", 12)
    with store.open("c.txt") as stream:
        stream.seek(7)
        assert stream.read() == b"bytes"
    stamps = dict(store.stamps())
    store.write("a/b.txt", b"two")  # as long as before
    changed = dict(store.stamps())
    assert [name for name in stamps if stamps[name] != changed[name]] == ["a/b.txt"]
    store.remove("a")
    store.remove("a")
    assert list(store.files()) == ["c.txt"]
    assert not store.exists("a/b.txt")
    with pytest.raises(FileNotFoundError):
        store.read("a/b.txt")
    assert list(store.empty_folders()) == []


def test_a_file_that_fails_half_way_does_not_appear(s3: fsspec.AbstractFileSystem):
    s3.mkdir("failing")
    store = RemoteStore("s3://failing/data")

    def fail() -> None:
        with store.writing("a.txt") as partial:
            partial.write_bytes(b"half")
            raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        fail()
    assert list(store.files()) == []
