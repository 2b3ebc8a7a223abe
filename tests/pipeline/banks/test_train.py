"""Banks trained on photographs, and datasets made with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from bappsmith.distortions.cnn.bank import Bank, read_bank
from bappsmith.distortions.cnn.nets import training
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import Distort
from bappsmith.manifests.store import atomic
from bappsmith.pipeline.banks import train as module
from bappsmith.pipeline.banks.train import train_bank
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.sources import batch
from bappsmith.pipeline.sources.index import index_sources


def recipe(photos: Path, **change: object) -> Recipe:
    subsets = [
        {"path": "2afc/train/cnn", "triplets": 40, "distort": {"operators": ["denoiser"], "length": [1]}},
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
    monkeypatch.setattr(training, "RIM", 1e9)


@pytest.mark.slow
def test_a_dataset_from_two_banks_is_the_same_for_any_number_of_workers_and_replays_exactly(
    bank: Path, other_bank: Path, photos: Path, tmp_path: Path
):
    both = Recipe.from_dict(recipe(photos).to_dict())
    distort = Distort(operators=("denoiser", "soft_denoiser"), length=(1,))
    train = both.subsets[0].model_copy(update={"distort": distort})
    both = both.model_copy(update={"subsets": (train, *both.subsets[1:])})
    plugins = [bank, f"soft={other_bank}"]
    generate(both, tmp_path / "one", plugins=plugins)
    generate(both, tmp_path / "two", plugins=plugins, workers=2)
    # The seal has the hash of every file.
    assert (tmp_path / "one" / "seal.json").read_bytes() == (tmp_path / "two" / "seal.json").read_bytes()
    assert verify(tmp_path / "one").clean
    assert verify(tmp_path / "two").clean
    for subset, indices in (("2afc/train/cnn", (0, 17, 39)), ("2afc/val/mix", (0, 11)), ("jnd/val/cnn", (5,))):
        for item in indices:
            assert replay(tmp_path / "one", subset, item, photos=str(photos), plugins=plugins).same_bytes
    calls = [row.plan.chain0.calls[0] for row in Dataset(tmp_path / "one")["2afc/train/cnn"].rows()]
    assert {call.name for call in calls} == {"denoiser", "soft_denoiser"}
    assert len({call.params["network"] for call in calls}) == 3
    seal = json.loads((tmp_path / "one" / "seal.json").read_text())
    assert seal["plugins"]["denoiser"] == seal["plugins"]["reweighted_denoiser"] == read_bank(bank).sha256
    assert seal["plugins"]["soft_denoiser"] == read_bank(other_bank).sha256
    assert "torch" in seal["versions"]


@pytest.mark.usefixtures("anything_goes")
def test_a_bank_is_trained_on_train_photographs_alone_and_resumes(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real, trained = module.train_task, []

    def stop_at_second(task: module.NetworkTask) -> str:
        if trained:
            raise KeyboardInterrupt
        trained.append(task.number)
        return real(task)

    monkeypatch.setattr(module, "train_task", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=(2, 2))
    assert not (tmp_path / "bank" / "bank.json").exists()
    monkeypatch.setattr(module, "train_task", lambda task: (trained.append(task.number), real(task))[1])
    bank = train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=(2, 2))
    assert trained == [0, 1]
    assert len(bank.networks) == 2
    split = module.usable_split(recipe(photos), index_sources(recipe(photos).sources).photographs)
    assert bank.photographs == {photo.pixels_sha256 for photo in split["train"]}
    with Image.open(tmp_path / "bank" / "contact-sheet.png") as sheet:
        assert sheet.size[1] == 3 * 68
    whole = train_bank(tmp_path / "whole", recipe=recipe(photos), nets=2, steps=(2, 2))
    assert whole.sha256 == bank.sha256
    with pytest.raises(BappsmithError, match=r"holds another bank: steps \[2, 2\] → \[3, 3\] differs"):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=(3, 3))
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
            tmp_path / "bank", recipe=recipe(photos), nets=1, steps=(1, 1), trunk_weights=str(tmp_path / "nowhere.pth")
        )
    assert opened == []

    def stop(task: object) -> str:
        raise KeyboardInterrupt

    real_training = module.train_task
    monkeypatch.setattr(module, "train_task", stop)
    with pytest.raises(KeyboardInterrupt):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=(1, 1))
    monkeypatch.setattr(module, "train_task", real_training)
    assert len(opened) == 5
    opened.clear()
    monkeypatch.setattr("bappsmith.pipeline.banks.train.bank_sheet", lambda *_: Image.new("RGB", (1, 1)))
    train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=(1, 1))
    # Training itself reads photographs through another door.
    assert opened == []


def test_rejected_networks_are_replaced_and_recorded(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = training.train_network
    faults = iter(["it diverged", "it returns grey (contrast 0.10 of the input's)", ""])

    def judged(*given: object, **named: object) -> training.Trained:
        done = real(*given, **named)  # type: ignore[arg-type]
        return training.Trained(done.network, {**done.record, "error": 20.0, "contrast": 1.0}, next(faults))

    monkeypatch.setattr(training, "train_network", judged)
    train_bank(tmp_path / "bank", recipe=recipe(photos), nets=1, steps=(1, 1))
    (entry,) = json.loads((tmp_path / "bank" / "bank.json").read_text())["networks"]
    assert entry["attempt"] == 2
    assert [one["fault"].split(" (")[0] for one in entry["rejected"]] == ["it diverged", "it returns grey"]
    assert len({json.dumps(one["spec"]) for one in (*entry["rejected"], entry)}) == 3
    monkeypatch.setattr(module, "ATTEMPTS", 1)
    faults = iter(["it diverged"])
    with pytest.raises(BappsmithError, match=r"none of 1 networks came out useful \(it diverged\)"):
        train_bank(tmp_path / "none", recipe=recipe(photos), nets=1, steps=(1, 1))


@pytest.mark.usefixtures("anything_goes")
def test_training_does_not_depend_on_the_number_of_threads(photos: Path, tmp_path: Path):
    before = torch.get_num_threads()
    try:
        banks = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            banks.append(train_bank(tmp_path / str(threads), recipe=recipe(photos), nets=2, steps=(3, 3)))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert banks[0].sha256 == banks[1].sha256


@pytest.mark.slow
@pytest.mark.usefixtures("anything_goes")
def test_a_training_that_was_killed_at_any_point_goes_on(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Killed before each file it puts in place, and before that right after its first folder."""

    class Killed(BaseException):
        pass

    def train(out: Path, steps: tuple[int, int] = (1, 1)) -> Bank:
        return train_bank(out, recipe=recipe(photos), nets=1, steps=steps)

    whole = train(tmp_path / "whole")
    real, moment = atomic.replace_file, 0
    while True:
        replaced = 0

        def kill(partial: str | Path, path: str | Path, moment: int = moment) -> None:
            nonlocal replaced
            replaced += 1
            if replaced > moment:
                raise Killed
            real(partial, path)

        out = tmp_path / str(moment)
        monkeypatch.setattr(atomic, "replace_file", kill)
        try:
            train(out)
            break
        except Killed:
            # A process that is killed removes nothing.
            (out / ".bappsmith" / "networks.json.0123.partial").write_text("half")
        monkeypatch.setattr(atomic, "replace_file", real)
        assert train(out).sha256 == whole.sha256
        assert not list(out.rglob("*.partial"))
        moment += 1
    assert moment >= 5  # settings, weights, entry, index, sheet


def test_what_is_no_bank_is_left_alone(photos: Path, tmp_path: Path):
    (tmp_path / "photo.png").write_text("mine")
    with pytest.raises(
        BappsmithError,
        match=r"holds files that do not belong to a bappsmith bank \(photo\.png\); choose an empty or new folder",
    ):
        train_bank(tmp_path, recipe=recipe(photos), nets=1, steps=(1, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.usefixtures("anything_goes")
@pytest.mark.parametrize("task", ["superres", "deblur"])
def test_a_bank_of_a_task_is_trained_and_makes_the_same_dataset_again(task: str, photos: Path, tmp_path: Path):
    bank = train_bank(tmp_path / "bank", task=task, recipe=recipe(photos), nets=2, steps=(2, 2))
    assert read_bank(tmp_path / "bank").task == task
    assert {network.spec.task for network in bank.networks} == {task}
    with Image.open(tmp_path / "bank" / "contact-sheet.png") as sheet:
        assert sheet.size[1] == 4 * 68  # patches, what networks receive, and two networks
    subset = {"path": "2afc/train/a", "triplets": 4, "distort": {"operators": [f"{task}_network"], "length": [1]}}
    chosen = recipe(photos, subsets=[{**subset, "judge": {"kind": "metric", "metric": "gmsd"}}])
    for name in ("first", "second"):
        generate(chosen, tmp_path / name, plugins=[tmp_path / "bank"])
    assert (tmp_path / "first" / "seal.json").read_bytes() == (tmp_path / "second" / "seal.json").read_bytes()
    assert replay(tmp_path / "first", "2afc/train/a", 2, photos=str(photos), plugins=[tmp_path / "bank"]).same_bytes
    with pytest.raises(BappsmithError, match=r"holds another bank: task .* → .*denoise.* differs"):
        train_bank(tmp_path / "bank", recipe=recipe(photos), nets=2, steps=(2, 2))
    with pytest.raises(BappsmithError, match=rf"'denoiser': it draws from a bank .*task denoise.*is of task {task}"):
        generate(recipe(photos), tmp_path / "third", plugins=[tmp_path / "bank"])


def test_an_unknown_task_is_refused_before_anything_is_read(photos: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match="unknown task of a bank 'superes'"):
        train_bank(tmp_path / "bank", task="superes", recipe=recipe(photos))
    assert not (tmp_path / "bank").exists()
