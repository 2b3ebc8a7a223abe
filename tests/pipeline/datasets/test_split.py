"""Train and val made of one train subset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.generate import generate

TRAIN, VAL, JND = "2afc/train/some", "2afc/val/some", "jnd/val/some"
Pixels = Callable[[Path, str], list[tuple[bytes, ...]]]


def photographs(root: Path, subset: str) -> set[str]:
    return set(Dataset(root).sealed(subset).columns("photo")["photo"])


def test_a_split_divides_by_photographs(made: Path, photos: Path, tmp_path: Path):
    split(made, tmp_path / "divided", 0.34)
    assert not photographs(tmp_path / "divided", TRAIN) & photographs(tmp_path / "divided", VAL)
    assert info(tmp_path / "divided")["name"] == "some-split"
    assert replay(tmp_path / "divided", VAL, 14, photos=str(photos)).exact


def test_subsets_of_val_are_kept_whole_and_nothing_is_lost(made: Path, tmp_path: Path, pixels: Pixels):
    split(made, tmp_path / "divided", 0.34)
    assert list(Dataset(tmp_path / "divided")) == [TRAIN, VAL, JND]
    assert pixels(tmp_path / "divided", JND) == pixels(made, JND)
    val = pixels(tmp_path / "divided", VAL)
    assert val[:12] == pixels(made, VAL)
    assert len(val) > 12
    assert sorted(pixels(tmp_path / "divided", TRAIN) + val[12:]) == sorted(pixels(made, TRAIN))


@pytest.fixture
def learnt(photos: Path, tmp_path: Path, bank_that_knows: Callable[[list[str]], Path]) -> Callable[[int], Path]:
    """A function: a dataset of train alone, by a bank whose networks learnt from so many of its photographs."""

    def make(count: int) -> Path:
        subset = {"path": TRAIN, "triplets": 30, "distort": {"operators": ["denoiser"], "length": [1]}}
        recipe = Recipe.from_dict({"name": "some", "patch": 16, "sources": {"path": str(photos)}, "subsets": [subset]})
        jpeg = {**subset, "distort": {"operators": ["jpeg"], "length": [1]}}
        generate(recipe.from_dict({**recipe.to_dict(), "subsets": [jpeg]}), tmp_path / "plain")
        run = Dataset(tmp_path / "plain").run
        used = photographs(tmp_path / "plain", TRAIN)
        shas = sorted(photo.pixels_sha256 for photo in run.photographs if photo.name in used)
        assert count <= len(shas)
        generate(recipe, tmp_path / "data", plugins=[bank_that_knows(shas[:count])])
        assert Dataset(tmp_path / "data").run.bank_photographs == tuple(shas[:count])
        return tmp_path / "data"

    return make


def test_a_photograph_that_a_bank_learnt_from_stays_in_train(learnt: Callable[[int], Path], tmp_path: Path):
    root = learnt(2)
    run = Dataset(root).run
    known = {photo.name for photo in run.photographs if photo.pixels_sha256 in run.bank_photographs}
    assert known
    for seed in range(4):
        split(root, tmp_path / f"divided{seed}", 0.5, seed=seed)
        assert not photographs(tmp_path / f"divided{seed}", VAL) & known
        assert Dataset(tmp_path / f"divided{seed}").run.bank_photographs == run.bank_photographs


def test_where_a_bank_learnt_from_all_photographs_none_can_be_val(learnt: Callable[[int], Path], tmp_path: Path):
    root = learnt(4)
    assert len(photographs(root, TRAIN)) == 4
    with pytest.raises(BappsmithError, match="trained on all photographs of its train subsets"):
        split(root, tmp_path / "divided", 0.5)
    assert not (tmp_path / "divided").exists()


def test_a_dataset_without_train_is_refused(photos: Path, tmp_path: Path):
    facts = {"name": "x", "patch": 32, "sources": {"path": str(photos)}, "subsets": [{"path": JND, "pairs": 2}]}
    generate(Recipe.from_dict(facts), tmp_path / "data")
    with pytest.raises(BappsmithError, match="has no 2afc/train subset to split"):
        split(tmp_path / "data", tmp_path / "divided")


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.0, 1.5, float("nan")])
def test_shares_that_are_none_are_refused(made: Path, tmp_path: Path, fraction: float):
    with pytest.raises(BappsmithError, match=r"val_fraction must be in \(0, 1\)"):
        split(made, tmp_path / "x", fraction)
    assert not (tmp_path / "x").exists()
