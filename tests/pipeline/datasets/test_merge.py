"""Several datasets as one, and those that must not become one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

TRAIN = "2afc/train/some"
Some = Callable[..., Path]
Pixels = Callable[[Path, str], list[tuple[bytes, ...]]]


def test_merging_lays_end_to_end(some: Some, photos: Path, tmp_path: Path, pixels: Pixels):
    one, other = some(), some(2, "other", 515)
    merge([one, other], tmp_path / "both")
    assert verify(tmp_path / "both").clean
    for subset in Dataset(one):
        assert pixels(tmp_path / "both", subset) == pixels(one, subset) + pixels(other, subset)
    for index in (0, 519, 520, 1034):
        assert replay(tmp_path / "both", TRAIN, index, photos=str(photos)).exact
    facts = info(tmp_path / "both")
    assert facts["name"] == "some-and-other"
    assert [parent["name"] for parent in facts["parents"]] == ["some", "other"]
    assert facts["subsets"][TRAIN]["items"] == 1035


def test_the_card_tells_the_rules_of_all_that_was_merged(some: Some, photos: Path, tmp_path: Path):
    facts = {
        "name": "ranked",
        "patch": 32,
        "scale": [1, 2],
        "seed": 5,
        "sources": {"path": str(photos), "val_fraction": 0.4, "license": "CC-BY-4.0"},
        "subsets": [
            {
                "path": TRAIN,
                "triplets": 20,
                "distort": {"operators": ["jpeg", "shift"], "length": [1]},
                "pairing": "different-operators",
                "judge": {"kind": "context", "ranking": ["shift", "jpeg"]},
            }
        ],
    }
    ranked, few = Recipe.from_dict(facts), some(3, "few", 40)
    generate(ranked, tmp_path / "ranked")
    merge([few, tmp_path / "ranked"], tmp_path / "both")
    assert info(tmp_path / "both")["name"] == "few-and-ranked"
    card = (tmp_path / "both" / "README.md").read_text()
    for words in (
        "ranking shift < jpeg",
        "less damage on people",
        "crops of 1 to 2 times",
        "| 60 triplets |",
        "CC0-1.0; CC-BY-4.0",
        "spatial (shift)",
    ):
        assert words in card
    recipes = {Recipe.load(path) for path in (tmp_path / "both" / "parents").iterdir()}
    assert {one.digest() for one in recipes} == {
        Dataset(root).run.recipe.digest() for root in (few, tmp_path / "ranked")
    }
    # Of one parent, the rules are its own.
    sample(tmp_path / "ranked", tmp_path / "half", 0.5)
    (rules,) = Dataset(tmp_path / "half").run.recipe.subsets
    (sealed,) = Dataset(tmp_path / "ranked").run.recipe.subsets
    assert rules == sealed.model_copy(update={"triplets": 10})


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (lambda some, tmp: [some(3, "few", 40)], "at least two datasets, found 1"),
        (lambda some, tmp: [some(3, "few", 40)] * 2, "both hold 2afc/train/some 0"),
        (lambda some, tmp: [some(3, "few", 40), sample(some(3, "few", 40), tmp / "part", 0.05)], "both hold 2afc/"),
        (lambda some, tmp: [some(3, "few", 40), some(3, "equal", 40)], "both drew 2afc/train/some with seed 3"),
        (
            lambda some, tmp: [some(3, "few", 40), some(4, "divided", 40, json.dumps({"split_seed": 2}))],
            "train and val never share a photograph",
        ),
        (lambda some, tmp: [some(3, "few", 40), tmp / "nowhere"], "is not a bappsmith dataset"),
    ],
    ids=["one", "itself", "its sample", "its seed", "its val", "none"],
)
def test_what_must_not_be_merged_is_refused(
    some: Some, tmp_path: Path, others: Callable[[Some, Path], list[Path]], words: str
):
    with pytest.raises(BappsmithError, match=words):
        merge(others(some, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_val_never_holds_what_a_bank_of_another_dataset_learnt_from(
    some: Some, photos: Path, tmp_path: Path, bank_that_knows: Callable[[list[str]], Path]
):
    few = some(3, "few", 40)
    run = Dataset(few).run
    val = set(Dataset(few).sealed("2afc/val/some").columns("photo")["photo"])
    learnt = next(photo for photo in run.photographs if photo.name in val)
    subset = {"path": "2afc/train/networks", "triplets": 6, "distort": {"operators": ["denoiser"], "length": [1]}}
    facts = {"name": "n", "patch": 32, "sources": {"path": str(photos), "val_fraction": 0.4}, "subsets": [subset]}
    generate(Recipe.from_dict(facts), tmp_path / "n", plugins=[bank_that_knows([learnt.pixels_sha256])])
    with pytest.raises(BappsmithError, match=rf"trained on photograph {learnt.name}, which is val in .*few"):
        merge([few, tmp_path / "n"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
