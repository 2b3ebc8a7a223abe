"""A training that is interrupted, and folders that hold another."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.model.forms import Form
from bappsmith.lpips.training import train as train_module
from bappsmith.lpips.training.train import TrainResult, train
from bappsmith.lpips.training.training_log import TrainingLog
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders


def weights(path: Path) -> dict[str, torch.Tensor]:
    metric = load_metric(path)
    return {**metric.trunk.state(), **metric.head_state()}


ALL: tuple[Form, ...] = ("local", "mean", "structure")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "forms"),
    [
        ("scratch", ("local",)),
        ("lin", ("local",)),
        ("scratch", ("local", "mean", "structure")),
        ("lin", ("local", "mean", "structure")),
    ],
)
def test_resuming_gives_the_weights_of_an_uninterrupted_training(
    tiny: Folders, tmp_path: Path, trunk_file: Path, mode: str, forms: tuple[Form, ...]
):
    trunk = None if mode == "scratch" else str(trunk_file)
    config = replace(QUICK, mode=mode, trunk_weights=trunk, forms=forms)
    whole = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "whole")

    def stop_in_second_epoch(what: str, done: int, total: int) -> None:
        if what == "triplets" and done > 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, [tiny[0]], [tiny[1]], out=tmp_path / "parts", progress=stop_in_second_epoch)
    torch.rand(3)  # the global random state is nobody's business
    parts = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "parts")
    assert parts.history == whole.history
    for name in ("last", "best"):
        one, two = (weights(tmp_path / run / f"{name}.safetensors") for run in ("whole", "parts"))
        assert all(torch.equal(one[key], two[key]) for key in one)


def test_resuming_with_another_configuration_or_other_data_is_refused(few: Folders, tmp_path: Path):
    once = replace(QUICK, epochs=1, decay_epochs=0)
    train(once, [few[1]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="another training: seed 0 → 1 differs"):
        train(replace(once, seed=1), [few[1]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="the training data"):
        train(once, [few[0]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="the training data, its votes, weights or lapses"):
        train(once, [few[1]], out=tmp_path / "run", weights=[2])
    with pytest.raises(BappsmithError, match="the validation data"):
        train(once, [few[1]], [few[1]], out=tmp_path / "run")


ONCE = replace(QUICK, epochs=1, decay_epochs=0, taps=("features.1",))
TWICE = replace(ONCE, epochs=2)
STATE = ".bappsmith/entries/epochs/000000.pt"
"""File of the state after the first epoch, while a training is under way."""


def test_equal_trainings_give_equal_files(few: Folders, tmp_path: Path):
    for name in ("one", "two"):
        train(ONCE, [few[0]], out=tmp_path / name)
    for path in sorted((tmp_path / "one").glob("*.*")):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_another_training_is_refused_before_the_trunk_runs(
    few: Folders, tmp_path: Path, trunk_file: Path, monkeypatch: pytest.MonkeyPatch
):
    config = replace(ONCE, mode="lin", trunk_weights=str(trunk_file))
    train(config, [few[0]], out=tmp_path / "run", cache=tmp_path / "cache")
    monkeypatch.setattr(Trunk, "forward", lambda *_: pytest.fail("the trunk ran"))
    with pytest.raises(BappsmithError, match="the training data"):
        train(config, [few[1]], out=tmp_path / "run", cache=tmp_path / "other")
    monkeypatch.setattr(train_module, "load_subset", lambda *_, **__: pytest.fail("data was read"))
    with pytest.raises(BappsmithError, match="another training: seed 0 → 1 differs"):
        train(replace(config, seed=1), [few[0]], out=tmp_path / "run", cache=tmp_path / "other")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "lin", "trunk_weights": "none.pth"}, "no such file"),
        ({"taps": ("features.99",)}, "unknown layer"),
        ({"net": "no-such"}, "unknown net"),
    ],
)
def test_nothing_is_written_when_something_is_refused(
    change: dict[str, object], words: str, few: Folders, tmp_path: Path
):
    with pytest.raises(BappsmithError, match=words):
        train(replace(ONCE, **change), [few[0]], out=tmp_path / "run", cache=tmp_path / "cache")
    assert not (tmp_path / "run").exists()


def test_images_that_are_too_small_are_refused_before_anything_is_written(write_subset, tmp_path: Path):
    root = write_subset(tmp_path, 3, 0, side=8)
    with pytest.raises(BappsmithError, match="8×8 px are too small"):
        train(replace(QUICK, net="alex", taps=("features.11",)), [root], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_file_in_place_of_the_folder_is_refused_before_data_is_read(
    few: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setattr(train_module, "load_subset", lambda *_, **__: pytest.fail("data was read"))
    with pytest.raises(BappsmithError, match="file: not a folder; choose another one for --out"):
        train(ONCE, [few[0]], out=tmp_path / "file")


@pytest.fixture(scope="module")
def whole(few: Folders, tmp_path_factory: pytest.TempPathFactory) -> TrainResult:
    """A training of two epochs."""
    return train(TWICE, [few[0]], out=tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def stopped(few: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a training that was stopped after its first epoch; only to be copied."""
    out = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.MonkeyPatch.context() as monkeypatch:
        interrupted(few, out, monkeypatch)
    return out


def interrupted(few: Folders, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stop a training of two epochs after its first; returns the file of its state."""
    real, calls = TrainingLog.save, []

    def stop(self: TrainingLog, *given: object, **named: object) -> None:
        if calls:
            raise KeyboardInterrupt
        calls.append(given)
        real(self, *given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLog, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            train(TWICE, [few[0]], out=out)
    return out / STATE


def test_no_row_of_the_history_is_lost(few: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    interrupted(few, tmp_path / "run", monkeypatch)
    (tmp_path / "run" / "history.jsonl").write_text("")
    result = train(TWICE, [few[0]], out=tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    assert rows == result.history
    assert [row["epoch"] for row in rows] == [1, 2]
    assert not (tmp_path / "run" / ".bappsmith").exists()
    assert train(TWICE, [few[0]], out=tmp_path / "run").history == rows


def test_what_killed_trainings_left_half_written_is_removed(
    few: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out, hexadecimal = tmp_path / "run", "0123456789abcdef" * 2
    interrupted(few, out, monkeypatch)
    for name in ("last.safetensors", "best.safetensors", ".bappsmith/000000.pt"):
        (out / f"{name}.{hexadecimal}.partial").touch()
    (out / "last.safetensors.mine.partial").touch()
    cached = tmp_path / "cache" / load_subset(few[0], cache=tmp_path / "cache").packed.name
    cached.unlink()
    cached.with_name(f"{cached.name}.{hexadecimal}.partial").touch()
    train(TWICE, [few[0]], out=out, cache=tmp_path / "cache")
    assert [path.name for path in out.rglob("*.partial")] == ["last.safetensors.mine.partial"]
    assert list((tmp_path / "cache").glob("*.partial")) == []


def test_two_trainings_do_not_write_to_one_folder(few: Folders, tmp_path: Path):
    def second(what: str, done: int, total: int) -> None:
        if what == "triplets":
            with pytest.raises(BappsmithError, match="another run is writing to"):
                train(ONCE, [few[0]], out=tmp_path / "run")

    train(ONCE, [few[0]], out=tmp_path / "run", progress=second)


@pytest.mark.parametrize(
    "change",
    [
        {"history": None},
        pytest.param({"history": [{"epoch": 2, "loss": 1.0}]}, marks=pytest.mark.slow),
        pytest.param({"history": [{"epoch": 1, "loss": "x"}]}, marks=pytest.mark.slow),
        pytest.param({"history": [1]}, marks=pytest.mark.slow),
        pytest.param({"weights": None}, marks=pytest.mark.slow),
        {"weights": {}},
        pytest.param({"weights": {"metric": {}, "rank": {}, "optimiser": {}}}, marks=pytest.mark.slow),
        pytest.param(
            {"weights": {"metric": {"more": torch.zeros(1)}, "rank": {}, "optimiser": {}}}, marks=pytest.mark.slow
        ),
        b"half",
        [1, 2],
    ],
)
def test_a_damaged_state_means_that_the_training_begins_again(
    change: object, few: Folders, tmp_path: Path, whole: TrainResult, stopped: Path
):
    path = shutil.copytree(stopped, tmp_path / "run") / STATE
    state = torch.load(path, weights_only=True)
    if isinstance(change, bytes):
        path.write_bytes(change)
    elif isinstance(change, dict):
        torch.save({key: value for key, value in {**state, **change}.items() if value is not None}, path)
    else:
        torch.save(change, path)
    again = train(TWICE, [few[0]], out=tmp_path / "run")
    assert again.history == whole.history
    assert again.checkpoint.read_bytes() == whole.checkpoint.read_bytes()


def test_subsets_that_are_loaded_are_trained_on(few: Folders, tmp_path: Path):
    one = train(ONCE, [few[0]], [few[1]], out=tmp_path / "one")
    two = train(ONCE, [load_subset(few[0])], [load_subset(few[1])], out=tmp_path / "two")
    assert one.history == two.history
