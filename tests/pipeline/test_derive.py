"""Datasets from datasets, and what a dataset says of itself."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from torch.utils.data import DataLoader

from bappsmith.lpips import load_subset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.rendering.render import render
from bappsmith.pipeline.sources.decode import decode

from .test_run import tree

TRAIN = SubsetPath.parse("2afc/train/some")


def recipe(photos: Path, seed: int, name: str = "some", **sources: object) -> Recipe:
    subsets = [
        {"path": "2afc/train/some", "triplets": 520},
        {"path": "2afc/val/some", "triplets": 30},
        {"path": "jnd/val/some", "pairs": 20},
    ]
    facts = {"path": str(photos), "val_fraction": 0.4, "license": "CC0-1.0", **sources}
    return Recipe.from_dict({"name": name, "patch": 32, "seed": seed, "sources": facts, "subsets": subsets})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    root = tmp_path_factory.mktemp("derive") / "first"
    generate(recipe(photos, 1), root)
    return root


def pixels(root: Path, subset: SubsetPath) -> list[tuple[bytes, ...]]:
    names = [f"pixels_{folder}" for folder in subset.folders[:-1]]
    sealed = Dataset(root).sealed(subset)
    return list(zip(*sealed.columns(*names).values(), sealed.labels().shares.tolist(), strict=True))


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(FORMS, 2)))
def test_conversion_there_and_back_gives_the_same_bytes(made: Path, tmp_path: Path, first: Form, second: Form):
    convert(made, tmp_path / "one", first)
    convert(tmp_path / "one", tmp_path / "two", second)
    assert verify(tmp_path / "two").clean
    assert pixels(tmp_path / "two", TRAIN) == pixels(made, TRAIN)
    convert(tmp_path / "two", tmp_path / "three", "folders")
    assert tree(tmp_path / "three") == tree(made)


def test_a_sample_keeps_pixels_order_and_where_items_came_from(made: Path, photos: Path, tmp_path: Path):
    sample(made, tmp_path / "few", 0.1, seed=3)
    sample(made, tmp_path / "other", 0.1, seed=4)
    assert info(tmp_path / "few")["subsets"]["2afc/train/some"]["items"] == 52
    assert verify(tmp_path / "few", pixels=3, photos=str(photos)).remade == 3 + 3 + 2
    rows = list(Dataset(tmp_path / "few").sealed(TRAIN).rows())
    assert [row.index for row in rows] == list(range(52))
    origins = [row.origin for row in rows if row.origin]
    indices = [origin.index for origin in origins]
    assert len(indices) == 52
    assert indices == sorted(indices)
    assert {(origin.fingerprint, origin.subset) for origin in origins} == {
        (Dataset(made).run.fingerprint(), str(TRAIN))
    }
    whole = pixels(made, TRAIN)
    assert pixels(tmp_path / "few", TRAIN) == [whole[index] for index in indices]
    assert pixels(tmp_path / "other", TRAIN) != pixels(tmp_path / "few", TRAIN)
    assert replay(tmp_path / "few", str(TRAIN), 7, photos=str(photos)).exact
    with pytest.raises(BappsmithError, match="selection differs"):
        sample(made, tmp_path / "few", 0.1, seed=4)
    # Of what was sampled, items still say where they were first made.
    sample(tmp_path / "few", tmp_path / "fewer", 0.5, form="tar")
    assert replay(tmp_path / "fewer", str(TRAIN), 11, photos=str(photos)).exact
    assert [parent["name"] for parent in info(tmp_path / "fewer")["parents"]] == ["some"]


def test_a_split_divides_by_photographs(made: Path, photos: Path, tmp_path: Path):
    split(made, tmp_path / "divided", 0.34)
    sides = {
        side: Dataset(tmp_path / "divided").sealed(f"2afc/{side}/some").columns("photo")["photo"]
        for side in ("train", "val")
    }
    assert not set(sides["train"]) & set(sides["val"])
    assert sum(map(len, sides.values())) == 520 + 30
    assert info(tmp_path / "divided")["subsets"]["jnd/val/some"]["items"] == 20
    assert info(tmp_path / "divided")["name"] == "some-split"
    assert replay(tmp_path / "divided", "2afc/val/some", 2, photos=str(photos)).exact


def test_merging_lays_end_to_end(made: Path, photos: Path, tmp_path: Path):
    generate(recipe(photos, 2), tmp_path / "other")
    merge([made, tmp_path / "other"], tmp_path / "both")
    assert verify(tmp_path / "both").clean
    assert pixels(tmp_path / "both", TRAIN) == pixels(made, TRAIN) + pixels(tmp_path / "other", TRAIN)
    for index in (0, 519, 520, 1039):
        assert replay(tmp_path / "both", str(TRAIN), index, photos=str(photos)).exact
    assert len(info(tmp_path / "both")["parents"]) == 2
    subset = load_subset(tmp_path / "both" / str(TRAIN), cache=tmp_path / "cache")
    assert len(subset) == 1040


def test_the_card_tells_the_rules_of_all_that_was_merged(made: Path, photos: Path, tmp_path: Path):
    ranked = Recipe.from_dict(
        {
            "name": "ranked",
            "patch": 32,
            "scale": [1, 2],
            "seed": 5,
            "sources": {"path": str(photos), "val_fraction": 0.4},
            "subsets": [
                {
                    "path": str(TRAIN),
                    "triplets": 20,
                    "distort": {"operators": ["jpeg", "shift"], "length": [1]},
                    "pairing": "different-operators",
                    "judge": {"kind": "context", "ranking": ["shift", "jpeg"]},
                }
            ],
        }
    )
    ranked = ranked.model_copy(update={"sources": ranked.sources.model_copy(update={"license": "CC-BY-4.0"})})
    generate(ranked, tmp_path / "ranked")
    merge([made, tmp_path / "ranked"], tmp_path / "both")
    assert info(tmp_path / "both")["name"] == "some-and-ranked"
    card = (tmp_path / "both" / "README.md").read_text()
    for words in (
        "ranking shift < jpeg",
        "smaller total severity",
        "crops of 1 to 2 times",
        "| 540 triplets |",
        "CC0-1.0; CC-BY-4.0",
        "spatial (shift)",
    ):
        assert words in card
    recipes = {Recipe.load(path) for path in (tmp_path / "both" / "parents").iterdir()}
    assert {one.digest() for one in recipes} == {Dataset(made).run.recipe.digest(), ranked.digest()}
    # Of one parent, the rules are its own.
    sample(tmp_path / "ranked", tmp_path / "few", 0.5)
    (rules,) = Dataset(tmp_path / "few").run.recipe.subsets
    assert rules == ranked.subsets[0].model_copy(update={"triplets": 10})


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (lambda made, tmp: [made], "at least two datasets, found 1"),
        (lambda made, tmp: [made, made], "both hold 2afc/train/some 0"),
        (lambda made, tmp: [made, tmp / "part"], "both hold 2afc/train/some"),
        (lambda made, tmp: [made, tmp / "equal"], "both drew 2afc/train/some with seed 1"),
        (lambda made, tmp: [made, tmp / "divided"], "train and val never share a photograph"),
        (lambda made, tmp: [made, tmp / "nowhere"], "is no bappsmith dataset"),
    ],
)
def test_what_must_not_be_merged_is_refused(
    made: Path, photos: Path, tmp_path: Path, others: Callable[[Path, Path], list[Path]], words: str
):
    sample(made, tmp_path / "part", 0.05)
    generate(recipe(photos, 1, name="equal"), tmp_path / "equal")
    generate(recipe(photos, 2, split_seed=2), tmp_path / "divided")
    with pytest.raises(BappsmithError, match=words):
        merge(others(made, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_manifest_and_the_photographs_are_enough_to_rebuild(made: Path, photos: Path, tmp_path: Path):
    sample(made, tmp_path / "few", 0.1)
    for root in (made, tmp_path / "few"):
        for name in ("2afc-train-some", "2afc-val-some", "jnd-val-some"):
            subset = name.replace("-", "/")
            for row in pq.read_table(root / "manifest" / f"{name}.parquet").to_pylist():
                data = (photos / row["photo"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() == row["photo_sha256"]
                (made_again,) = render(
                    [TripletRecord.from_row(subset, row)], lambda name, data=data: decode(data, name)
                )
                for folder, image in made_again.images.items():
                    assert hashlib.sha256(image.tobytes()).digest() == row[f"pixels_{folder}"]


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5, float("nan")])
def test_shares_that_are_none_are_refused(made: Path, tmp_path: Path, fraction: float):
    with pytest.raises(BappsmithError, match=r"must be in \(0, 1"):
        sample(made, tmp_path / "x", fraction)
    with pytest.raises(BappsmithError, match=r"must be in \(0, 1"):
        split(made, tmp_path / "x", fraction)


def test_damaged_items_are_not_carried_on(made: Path, tmp_path: Path):
    convert(made, tmp_path / "copy", "tar")
    archive = tmp_path / "copy" / str(TRAIN) / "000000.tar"
    convert(tmp_path / "copy", tmp_path / "plain", "folders")
    (tmp_path / "plain/2afc/train/some/p0/000001.png").write_bytes(
        (made / "2afc/train/some/p0/000002.png").read_bytes()
    )
    archive.unlink()
    for damaged in ("copy", "plain"):
        with pytest.raises(BappsmithError, match="is not as it was sealed"):
            convert(tmp_path / damaged, tmp_path / "out", "packed")


@pytest.mark.filterwarnings("ignore")  # of rdflib and pandas, which mlcroissant calls in old ways
def test_the_facts_are_valid_croissant_and_read_the_rows(made: Path, tmp_path: Path):
    mlc = pytest.importorskip("mlcroissant")
    for form in FORMS:
        convert(made, tmp_path / form, form)
        dataset = mlc.Dataset(jsonld=tmp_path / form / "croissant.json")
        assert not dataset.metadata.ctx.issues.errors
        rows = list(dataset.records(str(TRAIN)))
        sealed = Dataset(made).sealed(TRAIN)
        assert [row[f"{TRAIN}/photo"].decode() for row in rows] == sealed.columns("photo")["photo"]
        judgments = [row[f"{TRAIN}/labels/judgment"] for row in dataset.records(f"{TRAIN}/labels")]
        assert judgments == sealed.labels().shares.tolist()


def test_verify_tells_of_pixels_that_come_out_otherwise(made: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    import cv2

    real = cv2.GaussianBlur
    monkeypatch.setattr(cv2, "GaussianBlur", lambda image, *given, **named: 255 - real(image, *given, **named))
    found = verify(made, pixels=60, photos=str(photos))
    assert found.remade == 60 + 30 + 20
    assert found.other_pixels
    assert not found.clean
    assert all("same versions" in text for text in found.other_pixels)


def test_torch_reads_a_subset_as_it_is(made: Path, tmp_path: Path):
    data = load_subset(made / str(TRAIN), cache=tmp_path)
    batch = next(iter(DataLoader(data, batch_size=5)))  # type: ignore[arg-type]
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        **dict.fromkeys(("ref", "p0", "p1"), (5, 3, 32, 32)),
        "judge": (5,),
    }
    assert np.allclose(batch["judge"].numpy(), Dataset(made).sealed(TRAIN).labels().shares[:5])
    with pytest.raises(IndexError, match="holds 520 items, asked for 520"):
        data[520]
