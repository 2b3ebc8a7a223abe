"""A dataset, opened: the same in every form, in a folder or at an address, sealed or not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pytest
from PIL import Image

import bappsmith
from bappsmith.manifests.dataset import Dataset, open_subset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.plain_subset import PlainSubset
from bappsmith.manifests.schema.row import Row
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_json import sealed_bytes

TRAIN = "2afc/train/a"


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """A file system in memory, empty again afterwards."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_opens_to_the_same_subsets_items_and_labels(finished: dict[str, Path], form: Form):
    dataset = bappsmith.Dataset(finished[form])
    assert list(dataset) == [TRAIN, "2afc/val/a", "jnd/val/a"]
    assert [len(subset) for subset in dataset.values()] == [520, 6, 5]
    for path in dataset:
        subset, plain = dataset[path], PlainSubset(finished["folders"] / path)
        assert (subset.kind, subset.folders, subset.name) == (plain.kind, plain.folders, path)
        assert subset.labels().shares.tolist() == pytest.approx(plain.labels().shares.tolist(), abs=1e-7)
        for index in (0, -1, len(subset) // 2):
            one, other = subset[index], plain[index]
            assert (one.stem, one.judgment) == (other.stem, pytest.approx(other.judgment, abs=1e-7))
            assert all(np.array_equal(one.images[folder], other.images[folder]) for folder in subset.folders)
    assert [item.stem for item in dataset[TRAIN][518:]] == ["000518", "000519"]
    with pytest.raises(IndexError, match="2afc/train/a has 520 items, asked for item 520"):
        dataset[TRAIN][520]


@pytest.mark.parametrize("form", ["folders", "tar"])
def test_an_address_opens_like_a_folder(finished: dict[str, Path], form: Form, memory: fsspec.AbstractFileSystem):
    memory.put(str(finished[form]), "/data", recursive=True)
    there, here = Dataset("memory://data")[TRAIN], Dataset(finished[form])[TRAIN]
    assert np.array_equal(there[515].images["p1"], here[515].images["p1"])
    assert there.row(515) == here.row(515)
    assert open_subset(f"memory://data/{TRAIN}").labels().sources == here.labels().sources
    with pytest.raises(BappsmithError, match=r"memory://nothing is not a bappsmith dataset \(it has no seal\.json\)"):
        Dataset("memory://nothing")


def test_rows_are_typed_and_those_of_the_folder(finished: dict[str, Path]):
    subset = Dataset(finished["folders"])["jnd/val/a"]
    rows = list(subset.rows())
    assert all(isinstance(row, Row) for row in rows)
    assert [row.index for row in rows] == list(range(5))
    assert rows[3] == subset.row(3)
    path = finished["folders"] / "jnd/val/a/p1/000003.png"
    assert rows[3].size["p1"] == path.stat().st_size
    assert rows[3].plan.chain0.calls == ()
    assert rows[3].crop in rows[3].plan.crops
    assert rows[3].origin is None
    assert Dataset(finished["packed"]).sealed("jnd/val/a").row(3).sha256 == {}


def test_columns_are_read_alone(finished: dict[str, Path]):
    subset = Dataset(finished["tar"]).sealed(TRAIN)
    assert list(subset.columns("photo", "severity0")) == ["photo", "severity0"]
    assert [row["index"] for row in subset.iterate("index")] == list(range(520))
    assert [row.index for row in subset.take([519, 0, 0, 511])] == [519, 0, 0, 511]
    with pytest.raises(BappsmithError, match="has items 0 to 519, asked for item 520"):
        subset.take([520])


def test_plain_bapps_folders_open_without_rows(tmp_path: Path):
    for folder in ("ref", "p0", "p1"):
        (tmp_path / "2afc/test/my.subset" / folder).mkdir(parents=True)
        image = Image.fromarray(np.full((9, 7, 3), 50, np.uint8))
        image.save(tmp_path / "2afc/test/my.subset" / folder / "one.png")
    (tmp_path / "2afc/test/my.subset/judge").mkdir()
    np.save(tmp_path / "2afc/test/my.subset/judge/one.npy", np.float32(0.6))
    dataset = Dataset(tmp_path)
    assert list(dataset) == ["2afc/test/my.subset"]
    (item,) = dataset["2afc/test/my.subset"]
    assert item.stem == "one"
    assert item.judgment == pytest.approx(0.6)
    assert item.images["p0"].shape == (9, 7, 3)
    with pytest.raises(BappsmithError, match="has no manifest"):
        dataset["2afc/test/my.subset"].row(0)
    with pytest.raises(BappsmithError, match=r"is not a bappsmith dataset \(it has no seal\.json\)"):
        _ = dataset.finished


@pytest.mark.parametrize(
    ("name", "words"),
    [("2afc/train/b", "did you mean '2afc/train/a'"), ("nonsense", "Known: 2afc/train/a, 2afc/val/a, jnd/val/a")],
)
def test_a_subset_that_is_not_there_is_named(finished: dict[str, Path], name: str, words: str):
    dataset = Dataset(finished["folders"])
    with pytest.raises(BappsmithError, match=words):
        dataset[name]
    assert dataset.get(name) is None
    assert name not in dataset
    assert SubsetPath.parse(TRAIN) in dataset


def test_what_is_not_finished_or_no_dataset_is_refused(tmp_path: Path, finished: dict[str, Path]):
    with pytest.raises(BappsmithError, match=r"is not a bappsmith dataset .* and holds no BAPPS subset"):
        Dataset(tmp_path)
    shutil.copytree(finished["folders"], tmp_path / "data")
    (tmp_path / "data/seal.json").unlink()
    (tmp_path / "data/.bappsmith").mkdir()
    (tmp_path / "data/.bappsmith/begin.json").write_bytes(sealed_bytes({"kind": "dataset", "parts": {}, "facts": {}}))
    for opened in (lambda: Dataset(tmp_path / "data"), lambda: open_subset(tmp_path / "data" / TRAIN)):
        with pytest.raises(BappsmithError, match="is not finished; run the same `bappsmith generate` again"):
            opened()


@pytest.mark.parametrize("change", ["", "{}", "[1]", "{", '{"a": 1}', "null", "\x00"])
def test_a_damaged_seal_is_one_line_that_says_what_to_do(tmp_path: Path, finished: dict[str, Path], change: str):
    shutil.copytree(finished["tar"], tmp_path / "data")
    (tmp_path / "data/seal.json").write_text(change)
    with pytest.raises(
        BappsmithError, match=r"seal\.json is damaged.*`bappsmith generate` with the same recipe"
    ) as bad:
        Dataset(tmp_path / "data")
    assert "\n" not in str(bad.value)


def test_counts_of_a_seal_are_compared_with_recipe_and_rows(tmp_path: Path, finished: dict[str, Path]):
    shutil.copytree(finished["tar"], tmp_path / "data")
    seal = json.loads((tmp_path / "data/seal.json").read_bytes())
    del seal["sha256_of_the_rest"]
    fewer = {**seal, "subsets": {**seal["subsets"], TRAIN: 519}}
    (tmp_path / "data/seal.json").write_bytes(sealed_bytes(fewer))
    with pytest.raises(BappsmithError, match="its counts differ from those of its recipe"):
        Dataset(tmp_path / "data")
    for one in fewer["recipe"]["subsets"]:
        one["triplets"] = 519 if one["path"] == TRAIN else one["triplets"]
    (tmp_path / "data/seal.json").write_bytes(sealed_bytes(fewer))
    with pytest.raises(BappsmithError, match=r"2afc-train-a\.parquet has 520 rows, 519 were sealed"):
        Dataset(tmp_path / "data").sealed(TRAIN).row(0)


def test_the_public_door_is_light():
    code = """
import sys, bappsmith
print({"numpy", "torch", "cv2", "pydantic", "pyarrow", "dask"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "set()"), run.stderr


def test_the_public_door_is_complete():
    for name in bappsmith.__all__:
        assert getattr(bappsmith, name) is not None, name
        assert name in dir(bappsmith)
    with pytest.raises(AttributeError, match="module 'bappsmith' has no attribute 'nothing'"):
        _ = bappsmith.nothing
