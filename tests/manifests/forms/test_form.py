"""One dataset in every form: the same pixels, whether made so or converted."""

from __future__ import annotations

import errno
import os
import tarfile
from pathlib import Path

import fsspec
import pytest

from bappsmith.lpips import load_subset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.file import read_file
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.gallery import contact_sheet

from .test_run import small, tree

TRAIN = SubsetPath.parse("2afc/train/small")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("forms")
    for form in FORMS:
        generate(small(photos), root / form, form=form)
    return {form: root / form for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_verifies_replays_and_shows_the_same(made: dict[str, Path], photos: Path, form: Form):
    assert verify(made[form]).clean
    done = replay(made[form], str(TRAIN), 700, photos=str(photos))
    assert done.exact
    assert done.same_bytes
    assert contact_sheet(made[form], str(TRAIN)).tobytes() == contact_sheet(made["folders"], str(TRAIN)).tobytes()
    names = ["index", "chain0", "chain1", "pixels_ref", "pixels_p0", "pixels_p1"]
    subset, plain = (Dataset(made[name]).sealed(TRAIN) for name in (form, "folders"))
    assert subset.columns(*names) == plain.columns(*names)
    assert subset.labels().sources == plain.labels().sources


@pytest.mark.parametrize("form", FORMS)
def test_training_reads_every_form_alike(made: dict[str, Path], form: Form, tmp_path: Path):
    assert [p.name for p in find_subsets(made[form])] == [p.name for p in find_subsets(made["folders"])]
    subset = load_subset(made[form] / str(TRAIN), cache=tmp_path)
    plain = load_subset(made["folders"] / str(TRAIN), cache=tmp_path)
    assert subset.content == plain.content
    assert (subset.kind, subset.stems) == (plain.kind, plain.stems)
    assert bool((subset.pixels == plain.pixels).all())


@pytest.mark.parametrize("form", FORMS)
def test_damage_is_found_in_every_form_and_mended_in_an_unfinished_run(
    made: dict[str, Path], photos: Path, form: Form, tmp_path: Path
):
    generate(small(photos), tmp_path / "data", form=form)
    path = {
        "folders": "2afc/train/small/p0/000003.png",
        "tar": "2afc/train/small/000000.tar",
        "packed": "2afc/train/small/packed.safetensors",
        "parquet": "2afc/train/small/000000.parquet",
    }[form]
    data = bytearray((tmp_path / "data" / path).read_bytes())
    data[len(data) // 3] ^= 0xFF
    (tmp_path / "data" / path).write_bytes(data)
    found = verify(tmp_path / "data")
    assert len(found.changed) + len(found.missing) >= 1
    assert not found.additional
    if form != "folders":
        # What lies outside of items counts too: names, headers, something at the end.
        data[len(data) // 3] ^= 0xFF
        assert not verify(tmp_path / "data").clean
        (tmp_path / "data" / path).write_bytes(data)
        assert verify(tmp_path / "data").clean
        data[-1] ^= 1
        (tmp_path / "data" / path).write_bytes(data)
        assert verify(tmp_path / "data").changed == (path,)
    (tmp_path / "data" / path).unlink()
    assert "2afc/train/small/p0/000003.png" in verify(tmp_path / "data").missing
    (tmp_path / "data" / "stray.png").touch()
    assert verify(tmp_path / "data").additional == ("stray.png",)


def test_tar_shards_group_as_webdataset_reads_them(made: dict[str, Path]):
    with tarfile.open(made["tar"] / str(TRAIN) / "000000.tar") as archive:
        names = archive.getnames()
    assert names[:4] == ["000000.ref.png", "000000.p0.png", "000000.p1.png", "000000.judge.npy"]
    # WebDataset: a sample is what shares the name up to the first dot, side by side.
    assert [name.split(".")[0] for name in names] == [f"{i:06d}" for i in range(512) for _ in range(4)]
    items = read_subset(made["tar"] / str(TRAIN)).items
    plain = read_subset(made["folders"] / str(TRAIN)).items
    for one, other in zip(items, plain, strict=True):
        assert one.stem == other.stem
        assert read_file(one.label, 4096) == read_file(other.label, 4096)
        assert all(read_file(one.images[f], 2**20) == read_file(other.images[f], 2**20) for f in one.images)


def test_an_address_holds_what_a_folder_holds(made: dict[str, Path], photos: Path):
    memory = fsspec.filesystem("memory")
    memory.put(str(photos), "/photos", recursive=True)
    try:
        for form in ("folders", "tar", "parquet"):
            generate(small(photos), f"memory://data-{form}", photos="memory://photos", form=form)
            there = {name.split("/", 2)[2]: memory.cat_file(name) for name in memory.find(f"/data-{form}")}
            # Where photographs lay is the folder's name alone: "photos" here, "photos0" there.
            facts = {"seal.json", "recipe.yaml"}
            plain = {p.relative_to(made[form]).as_posix(): p.read_bytes() for p in made[form].rglob("*") if p.is_file()}
            assert set(there) == set(plain)
            assert all(there[name] == plain[name] for name in set(plain) - facts)
            assert verify(f"memory://data-{form}").clean
            assert generate(small(photos), f"memory://data-{form}", photos="memory://photos", form=form).new_items == 0
            assert replay(f"memory://data-{form}", str(TRAIN), 5, photos="memory://photos").exact
        with pytest.raises(BappsmithError, match="form packed is written to a folder of this machine"):
            generate(small(photos), "memory://packed", form="packed")
        with pytest.raises(BappsmithError, match="form tar → folders differs"):
            generate(small(photos), "memory://data-tar", photos="memory://photos")
        with pytest.raises(BappsmithError, match="lies inside the folder of the photographs"):
            generate(small(photos), "memory://photos/out", photos="memory://photos")
        with pytest.raises(BappsmithError, match="no photograph found among 0 files"):
            generate(small(photos), "memory://out", photos="memory://nothing")
        with pytest.raises(BappsmithError, match="nosuch://x"):
            generate(small(photos), "nosuch://x")
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_a_file_system_without_rename_gets_the_same_files(
    made: dict[str, Path], photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "replace", refuse)
    generate(small(photos), tmp_path / "data")
    assert tree(tmp_path / "data") == tree(made["folders"])
