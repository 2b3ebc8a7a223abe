"""Banks from photographs, and datasets from banks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.distortions.cnn.nets import training
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.banks import train as module
from bappsmith.pipeline.banks.train import train_bank
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.sources import batch
from bappsmith.pipeline.sources.index import index_sources

from .test_run import tree


def recipe(photos: Path, **change: object) -> Recipe:
    subsets = [
        {"path": "2afc/train/cnn", "triplets": 530, "distort": {"operators": ["denoiser"], "length": [1]}},
        {
            "path": "2afc/val/mix",
            "triplets": 12,
            "distort": {"operators": ["denoiser", "jpeg"], "length": [2]},
        },
        {"path": "jnd/val/cnn", "pairs": 8, "distort": {"operators": ["reweighted_denoiser"], "length": [1]}},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    data = {"name": "cnn", "patch": 32, "seed": 4, "sources": sources, "subsets": subsets, **change}
    return Recipe.from_dict(data)


@pytest.fixture
def anything_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps make no useful network."""
    monkeypatch.setattr(training, "FAITHFUL", 0.0)
    monkeypatch.setattr(training, "LOST", 1e9)
    monkeypatch.setattr(training, "GREY", 0.0)


def test_a_dataset_from_a_bank_is_the_same_for_any_number_of_workers_and_replays_exactly(
    bank: Path, photos: Path, tmp_path: Path
):
    generate(recipe(photos), tmp_path / "one", plugins=[bank])
    generate(recipe(photos), tmp_path / "two", plugins=[bank], workers=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert verify(tmp_path / "one").clean
    for subset, indices in (
        ("2afc/train/cnn", (0, 17, 511, 529)),
        ("2afc/val/mix", (0, 11)),
        ("jnd/val/cnn", (5,)),
    ):
        for index in indices:
            assert replay(tmp_path / "one", subset, index, photos=str(photos), plugins=[bank]).same_bytes
    rows = list(Ledger(tmp_path / "one").rows(SubsetPath.parse("2afc/train/cnn")))
    drawn = {json.loads(row["chain0"])[0]["params"]["network"] for row in rows}
    assert len(drawn) == 3
    seal = json.loads((tmp_path / "one" / "seal.json").read_text())
    assert set(seal["plugins"]) == {"denoiser", "reweighted_denoiser"}
    assert "torch" in seal["versions"]


@pytest.mark.usefixtures("anything_goes")
def test_a_bank_is_trained_on_train_photographs_alone_and_resumes(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real, trained = module.train_place, []

    def stop_at_second(task: module.NetworkTask) -> str:
        if trained:
            raise KeyboardInterrupt
        trained.append(task.place)
        return real(task)

    monkeypatch.setattr(module, "train_place", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=2)
    assert not (tmp_path / "bank" / "bank.json").exists()
    monkeypatch.setattr(module, "train_place", lambda task: (trained.append(task.place), real(task))[1])
    bank = train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=2)
    assert trained == [0, 1]
    assert len(bank.networks) == 2
    split = module.usable_split(recipe(photos), index_sources(recipe(photos).sources).photographs)
    assert set(bank.facts["photographs"]) == {photo.pixels_sha256 for photo in split["train"]}
    with Image.open(tmp_path / "bank" / "contact-sheet.png") as sheet:
        assert sheet.size[1] == 3 * 68
    whole = train_bank(tmp_path / "whole", recipe=recipe(photos), nets=2, steps=2)
    assert whole.sha256 == bank.sha256
    with pytest.raises(BappsmithError, match=r"other settings \(steps differ\)"):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=3)
    # What was train for the bank must not be val for a dataset.
    crossed = recipe(photos, sources={"path": str(photos), "val_fraction": 0.4, "split_seed": 2})
    with pytest.raises(BappsmithError, match=r"were trained on photo\d\.png, which is val"):
        generate(crossed, tmp_path / "crossed", plugins=[tmp_path / "bank"])
    generate(recipe(photos, seed=7), tmp_path / "data", plugins=[tmp_path / "bank"])


@pytest.mark.usefixtures("anything_goes")
def test_a_resumed_bank_opens_no_photograph_for_the_index(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    real = batch.read_photograph
    monkeypatch.setattr(batch, "read_photograph", lambda store, name: (opened.append(name), real(store, name))[1])
    with pytest.raises(BappsmithError, match=r"nowhere\.pth"):  # before the first photograph is read
        train_bank(
            tmp_path / "bank", recipe=recipe(photos), nets=1, steps=1, trunk_weights=str(tmp_path / "nowhere.pth")
        )
    assert opened == []
    first = train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=1)
    assert len(opened) == 5
    opened.clear()
    assert train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=1).sha256 == first.sha256
    assert opened == []


def test_networks_of_no_use_are_replaced_and_recorded(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = training.train_network
    faults = iter(["it diverged", "it returns grey (contrast 0.10 of the input's)", ""])

    def judged(*given: object, **named: object) -> training.Trained:
        done = real(*given, **named)  # type: ignore[arg-type]
        return training.Trained(done.network, {**done.record, "error": 20.0, "contrast": 1.0}, next(faults))

    monkeypatch.setattr(training, "train_network", judged)
    train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=1)
    (entry,) = json.loads((tmp_path / "bank" / "bank.json").read_text())["networks"]
    assert entry["attempt"] == 2
    assert [one["fault"].split(" (")[0] for one in entry["rejected"]] == ["it diverged", "it returns grey"]
    assert len({json.dumps(one["spec"]) for one in (*entry["rejected"], entry)}) == 3
    monkeypatch.setattr(module, "ATTEMPTS", 1)
    faults = iter(["it diverged"])
    with pytest.raises(BappsmithError, match=r"none of 1 networks came out useful \(it diverged\)"):
        train_bank(tmp_path / "none", recipe=recipe(photos), nets=1, steps=1)


@pytest.mark.parametrize(
    ("scale", "shift", "words"),
    [
        (1.0, 0.0, "returns its input"),
        (0.0, 0.0, "returns grey"),
        (-1.0, 0.0, "something else"),
        (np.nan, 0.0, "diverged"),
    ],
)
def test_what_is_of_no_use_is_told_by_what_it_returns(scale: float, shift: float, words: str):
    class Fake:
        spec = module.spec(0, 0, features=False).model_copy(update={"corruption": "none", "amount": 0.0})

        def __call__(self, images):  # type: ignore[no-untyped-def]
            return images * scale + shift

    patch = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    record = {"steps": 1, "loss": 1.0}
    found = training._judge(Fake(), record, lambda draws, count: [patch] * count)  # type: ignore[arg-type]
    assert words in found.fault


@pytest.mark.usefixtures("anything_goes")
def test_training_does_not_depend_on_the_number_of_threads(photos: Path, tmp_path: Path):
    before = torch.get_num_threads()
    try:
        banks = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            banks.append(train_bank(tmp_path / str(threads), recipe=recipe(photos), nets=2, steps=3))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert banks[0].sha256 == banks[1].sha256
