"""Datasets by a folder of ncnn models: made by two workers, resumed, replayed."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType

import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers.carry import LocalPlugins, carry

SUBSET = "2afc/val/superres"


@pytest.fixture
def models(tmp_path: Path, ncnn_files: ModuleType) -> Path:
    ncnn_files.write_nearest(tmp_path / "models", "nearest-x2", 2)
    ncnn_files.write_shuffle(tmp_path / "models", "shuffle-x4", 4)
    return tmp_path / "models"


@pytest.fixture
def recipe(photos: Path) -> Recipe:
    subset = {
        "path": SUBSET,
        "triplets": 12,
        "distort": {"operators": ["superres_ncnn", "superres_bicubic"], "length": [1]},
        "pairing": "same-degradation",
        "judge": {"kind": "context", "ranking": ["superres_ncnn", "superres_bicubic"]},
    }
    sources = {"path": str(photos), "val_fraction": 0.4}
    return Recipe.from_dict({"name": "ncnn", "patch": 32, "seed": 1, "sources": sources, "subsets": [subset]})


def test_a_dataset_names_its_models_and_can_be_made_again(recipe: Recipe, photos: Path, models: Path, tmp_path: Path):
    generate(recipe, tmp_path / "data", plugins=[models])
    dataset = Dataset(tmp_path / "data")
    calls = [
        call for row in dataset[SUBSET].rows() for chain in (row.plan.chain0, row.plan.chain1) for call in chain.calls
    ]
    assert {call.params["model"] for call in calls if call.name == "superres_ncnn"} == {"nearest-x2", "shuffle-x4"}
    assert set(dataset.run.plugins) == {"superres_ncnn"}
    assert "ncnn" in dataset.run.versions
    assert replay(tmp_path / "data", SUBSET, 3, photos=str(photos), plugins=[models]).same_bytes
    with pytest.raises(BappsmithError, match=r"superres_ncnn\); give the file that defines them"):
        replay(tmp_path / "data", SUBSET, 3, photos=str(photos))


def test_another_model_is_refused_on_resume_and_seen_in_replay(
    recipe: Recipe, photos: Path, models: Path, tmp_path: Path
):
    generate(recipe, tmp_path / "data", plugins=[models])
    weights = models / "shuffle-x4.bin"
    data = bytearray(weights.read_bytes())
    data[6] ^= 1
    weights.write_bytes(data)
    again = replay(tmp_path / "data", SUBSET, 3, photos=str(photos), plugins=[models])
    assert set(again.versions) == {"operator superres_ncnn"}
    with pytest.raises(BappsmithError, match="holds another dataset: plugins differs"):
        generate(recipe, tmp_path / "data", plugins=[models])


def test_a_broken_model_is_refused_before_anything_is_written(recipe: Recipe, models: Path, tmp_path: Path):
    (models / "nearest-x2.param").write_text("7767517\n2 2\nnothing\n", encoding="utf-8")
    with pytest.raises(BappsmithError, match=r"nearest-x2\.param: ncnn cannot read it"):
        generate(recipe, tmp_path / "data", plugins=[models])
    assert not (tmp_path / "data").exists()


def test_workers_without_the_folder_get_copies(models: Path, tmp_path: Path):
    given = (f"own={models}",)
    store = open_store(tmp_path / "data")
    carry(given, store)
    expected = {path.name: path.read_bytes() for path in models.iterdir()}
    shutil.rmtree(models)
    plugins = LocalPlugins(given, store)
    copied = Path(plugins.plugins[0].removeprefix("own="))
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == expected


@pytest.mark.slow
def test_two_workers_make_the_same_bytes(recipe: Recipe, models: Path, tmp_path: Path):
    generate(recipe, tmp_path / "one", plugins=[models])
    generate(recipe, tmp_path / "two", plugins=[models], workers=2)
    assert (tmp_path / "one" / "seal.json").read_bytes() == (tmp_path / "two" / "seal.json").read_bytes()
