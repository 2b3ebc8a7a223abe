"""What all forms have in common: the same items, wherever and however they are stored."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import fsspec
import numpy as np
import pytest

from bappsmith.lpips import load_subset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.file import read_file
from bappsmith.manifests.forms.form import FORMS, Form, storage
from bappsmith.manifests.forms.item import SHARD, StoredItem
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline.reports.gallery import contact_sheet

COUNT = SHARD + 3
PATCH = 4
TRAIN, JND = SubsetPath.parse("2afc/train/a"), SubsetPath.parse("jnd/val/a")


@cache
def png(level: int) -> bytes:
    """A patch of one grey, encoded."""
    return encode_png(np.full((PATCH, PATCH, 3), level, np.uint8))


def encoded_images(pixels: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    return {folder: png(int(image[0, 0, 0])) for folder, image in pixels.items()}


def items(subset: SubsetPath, indices: Sequence[int], encoded: bool) -> list[StoredItem]:
    """Items whose every byte tells the index and the folder."""
    made = []
    for index in indices:
        pixels = {
            folder: np.full((PATCH, PATCH, 3), (index + 7 * k) % 251, np.uint8)
            for k, folder in enumerate(subset.folders[:-1])
        }
        images = encoded_images(pixels) if encoded else {}
        made.append(StoredItem(index, images, label_bytes(index % 5 / 4), {} if encoded else pixels))
    return made


@pytest.fixture(params=[TRAIN, JND], ids=str)
def subset(request: pytest.FixtureRequest) -> SubsetPath:
    return request.param


def write(root: Path, form: Form, subset: SubsetPath) -> None:
    """Two shards, the second first."""
    stored = storage(form, LocalStore(root), subset, COUNT, PATCH)
    stored.begin()
    for shard in (1, 0):
        indices = range(shard * SHARD, min(COUNT, (shard + 1) * SHARD))
        given = items(subset, indices, encoded=False)
        if stored.encoded:
            given = [replace(one, images=encoded_images(one.pixels)) for one in given]
        stored.write(shard, given)
    stored.finish()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Form, SubsetPath], Path]:
    """A function that returns a folder with a subset in a form; only to be read."""

    @cache
    def folder(form: Form, subset: SubsetPath) -> Path:
        root = tmp_path_factory.mktemp("written")
        write(root, form, subset)
        return root

    return folder


@pytest.mark.parametrize("form", FORMS)
def test_items_come_back_in_the_order_asked_for(written, form: Form, subset: SubsetPath):
    stored = storage(form, LocalStore(written(form, subset)), subset, COUNT, PATCH)
    for wanted in ([0], [SHARD + 2, 3, 3, SHARD - 1], [SHARD - 1, SHARD], range(COUNT)):
        for one, expected in zip(stored.read(wanted), items(subset, wanted, stored.encoded), strict=True):
            assert (one.index, one.label) == (expected.index, expected.label)
            assert dict(one.images) == dict(expected.images)
            assert one.pixels.keys() == expected.pixels.keys()
            assert all(np.array_equal(one.pixels[folder], expected.pixels[folder]) for folder in one.pixels)


@pytest.mark.parametrize("form", FORMS)
def test_every_file_belongs_to_its_subset_and_no_other_does(written, form: Form, subset: SubsetPath):
    store = LocalStore(written(form, subset))
    stored = storage(form, store, subset, COUNT, PATCH)
    names = list(store.files())
    assert names
    assert all(stored.owns(name) for name in names)
    fewer = storage(form, store, subset, SHARD, PATCH)
    assert all(fewer.owns(name) for name in names) == (form == "packed")
    last = names[-1]
    strangers = (f"{last}.x", f"x{last}", last.replace("/a/", "/b/"), f"{subset}/x/000000.png", f"{subset}/000000.zip")
    for stranger in (*strangers, f"{subset}/p0/0.png", f"{subset}/p0/9999999.png"):
        assert not stored.owns(stranger), stranger
    assert stored.count_files() == (len(names) if form == "folders" else 0)


@pytest.mark.parametrize("form", FORMS)
def test_new_judgments_change_nothing_else(tmp_path: Path, form: Form, subset: SubsetPath):
    write(tmp_path, form, subset)
    stored = storage(form, LocalStore(tmp_path), subset, COUNT, PATCH)
    stored.relabel(1, [0.125, 0.25, 1.0])
    stored.finish()
    expected = items(subset, range(COUNT), stored.encoded)
    labels = [one.label for one in expected[:SHARD]] + [label_bytes(label) for label in (0.125, 0.25, 1.0)]
    for one, other, label in zip(stored.read(range(COUNT)), expected, labels, strict=True):
        assert one.label == label
        assert dict(one.images) == dict(other.images)
        assert all(np.array_equal(one.pixels[folder], other.pixels[folder]) for folder in other.pixels)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_missing_is_left_out(tmp_path: Path, form: Form):
    stored = storage(form, LocalStore(tmp_path), TRAIN, COUNT, PATCH)
    (one,) = stored.read([SHARD])
    assert (one.index, dict(one.images), one.label, dict(one.pixels)) == (SHARD, {}, None, {})


@pytest.mark.parametrize("form", FORMS)
def test_the_same_items_give_the_same_bytes(tmp_path: Path, form: Form, tree):
    for name in ("one", "two"):
        write(tmp_path / name, form, TRAIN)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """A file system in memory, empty again afterwards."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def test_forms_that_cannot_be_are_refused(memory: fsspec.AbstractFileSystem):
    with pytest.raises(BappsmithError, match="form must be one of folders, tar, packed, parquet; found 'zip'"):
        storage("zip", open_store("memory://x"), TRAIN, 3, PATCH)
    with pytest.raises(BappsmithError, match=r"form packed .* memory://x; use form tar"):
        storage("packed", open_store("memory://x"), TRAIN, 3, PATCH)
    assert memory.find("/") == []


@pytest.mark.parametrize("form", FORMS)
def test_every_form_shows_the_same(finished: dict[str, Path], form: Form):
    path = "2afc/train/a"
    assert contact_sheet(finished[form], path).tobytes() == contact_sheet(finished["folders"], path).tobytes()
    names = ["index", "chain0", "chain1", "pixels_ref", "pixels_p0", "pixels_p1"]
    one, plain = (Dataset(finished[name]).sealed(path) for name in (form, "folders"))
    assert one.columns(*names) == plain.columns(*names)
    assert one.labels().sources == plain.labels().sources


@pytest.mark.parametrize("form", FORMS)
def test_training_reads_every_form_alike(finished: dict[str, Path], form: Form, tmp_path: Path):
    assert [p.name for p in find_subsets(finished[form])] == [p.name for p in find_subsets(finished["folders"])]
    one = load_subset(finished[form] / "2afc/train/a", cache=tmp_path)
    plain = load_subset(finished["folders"] / "2afc/train/a", cache=tmp_path)
    assert one.content == plain.content
    assert (one.kind, one.stems) == (plain.kind, plain.stems)
    assert bool((one.pixels == plain.pixels).all())


def test_tar_shards_group_as_webdataset_reads_them(finished: dict[str, Path]):
    with tarfile.open(finished["tar"] / "2afc/train/a/000000.tar") as archive:
        names = archive.getnames()
    assert names[:4] == ["000000.ref.png", "000000.p0.png", "000000.p1.png", "000000.judge.npy"]
    # WebDataset: a sample is what shares the name up to the first dot, side by side.
    assert [name.split(".")[0] for name in names] == [f"{i:06d}" for i in range(512) for _ in range(4)]
    stored = read_subset(finished["tar"] / "2afc/train/a").items
    plain = read_subset(finished["folders"] / "2afc/train/a").items
    for one, other in zip(stored, plain, strict=True):
        assert one.stem == other.stem
        assert read_file(one.label, 4096) == read_file(other.label, 4096)
        assert all(read_file(one.images[f], 2**20) == read_file(other.images[f], 2**20) for f in one.images)


@pytest.mark.parametrize("form", FORMS)
def test_an_oversized_file_is_not_read(tmp_path: Path, form: Form):
    write(tmp_path, form, TRAIN)
    stored = storage(form, LocalStore(tmp_path), TRAIN, COUNT, PATCH)
    for name in list(LocalStore(tmp_path).files()):
        if form != "folders" or name.endswith("p0/000000.png"):
            os.truncate(tmp_path / name, 1 << 40)  # of which the disk holds next to nothing
    (one,) = stored.read([0])
    assert not one.pixels
    assert not one.images.get("p0")
