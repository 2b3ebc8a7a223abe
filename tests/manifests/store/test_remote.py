"""Photographs and datasets in an object store: a server of its own on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

from .test_run import small, tree

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


@pytest.mark.parametrize("workers", [1, 2])
def test_a_dataset_in_an_object_store_is_that_of_a_folder(
    server: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
):
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", server),
    ):
        monkeypatch.setenv(name, value)
    store = fsspec.filesystem("s3")
    bucket = f"bucket{workers}"
    store.mkdir(bucket)
    for photo in photos.iterdir():
        store.pipe_file(f"{bucket}/photos/{photo.name}", photo.read_bytes())
    out = f"s3://{bucket}/data"
    generate(small(photos), out, photos=f"s3://{bucket}/photos", form="tar", workers=workers)
    assert verify(out).clean
    assert replay(out, "2afc/val/small", 3, photos=f"s3://{bucket}/photos").exact
    generate(small(photos), tmp_path / "plain", photos=photos, form="tar")
    plain = tree(tmp_path / "plain")
    names = {name.removeprefix(f"{bucket}/data/") for name in store.find(f"{bucket}/data")}
    assert names == set(plain)
    for name in names - {"seal.json", "recipe.yaml"}:  # which tell the folder of the photographs
        assert store.cat_file(f"{bucket}/data/{name}") == (tmp_path / "plain" / name).read_bytes()
    store.pipe_file(f"{bucket}/data/2afc/val/small/000000.tar", b"other")
    assert not verify(out).clean
