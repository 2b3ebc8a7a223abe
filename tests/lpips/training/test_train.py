"""Training: it learns, it resumes exactly, and it clamps nothing but heads."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.checkpoint import load_metric, read_facts
from bappsmith.lpips.training import differences
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.trainer import Trainer
from bappsmith.manifests.dataset import open_subset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes

QUICK = TrainConfig(
    net="squeeze", mode="scratch", trunk_weights=None, epochs=2, decay_epochs=1, batch=10, learning_rate=1e-3
)


Folders = tuple[Path, Path]


def weights(path: Path) -> dict[str, torch.Tensor]:
    metric = load_metric(path)
    return {**metric.trunk.state(), **metric.head_state()}


@pytest.mark.slow
def test_scratch_learns_a_rule_that_starts_upside_down(tiny: Folders, tmp_path: Path):
    config = replace(QUICK, net="alex", epochs=6, learning_rate=1e-3)
    result = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "run")
    assert max(row["val_2afc"] for row in result.history) >= 0.9
    assert result.history[0]["train_2afc"] < 0.8


@pytest.mark.slow
def test_lin_trains_heads_alone_and_tune_trains_the_trunk(tiny: Folders, tmp_path: Path, trunk_file: Path):
    start = torch.load(trunk_file, weights_only=True)
    for mode in ("lin", "tune"):
        config = replace(QUICK, mode=mode, trunk_weights=str(trunk_file), epochs=1, decay_epochs=0)
        train(config, [tiny[0]], out=tmp_path / mode)
        found = weights(tmp_path / mode / "last.safetensors")
        assert all((found[name] == start[name]).all() for name in start) == (mode == "lin")
        assert any((found[f"lin{k}.model.1.weight"] != 0.1).any() for k in range(7))


def test_only_heads_are_clamped(few: Folders, tmp_path: Path):
    config = replace(QUICK, epochs=1, decay_epochs=0, learning_rate=0.05)
    train(config, [few[0]], out=tmp_path / "run")
    found = weights(tmp_path / "run" / "last.safetensors")
    heads = torch.cat([value.flatten() for name, value in found.items() if name.startswith("lin")])
    assert heads.min() == 0  # some reached the clamp
    squeeze = found["features.3.squeeze.weight"]
    assert squeeze.shape[2:] == (1, 1)
    assert squeeze.min() < 0


def test_a_checkpoint_is_enough_by_itself_and_says_what_it_is(few: Folders, tmp_path: Path):
    result = train(replace(QUICK, epochs=1, decay_epochs=0), [few[0]], [few[1]], out=tmp_path / "run")
    moved = shutil.copy(result.checkpoint, tmp_path / "metric.safetensors")
    metric = load_metric(moved)
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert metric(image, image).item() == 0
    assert metric(image, -image).item() > 0
    facts = read_facts(moved)
    assert facts["config"]["net"] == "squeeze"
    assert facts["config"]["mode"] == "scratch"
    assert facts["data"][0]["subset"] == "2afc/train/tiny"
    assert facts["history"][-1]["val_2afc"] == result.history[-1]["val_2afc"]
    rows = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    assert rows == result.history


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"forms": ("local", "structure")},
        {"forms": ("mean",)},
        {"distance": "fc"},
        {"loss": "hinge"},
        {"net": "resnet18"},
        {"taps": ("features.1",)},
    ],
)
def test_every_kind_of_metric_trains_and_comes_back(tiny: Folders, tmp_path: Path, change: dict[str, object]):
    result = train(replace(QUICK, epochs=1, decay_epochs=0, **change), [tiny[0]], [tiny[1]], out=tmp_path / "run")
    metric = load_metric(result.checkpoint)
    d0, d1 = distances(metric, load_subset(tiny[1]))
    found = two_afc_scores(d0, d1, load_subset(tiny[1]).labels).mean()
    assert found == pytest.approx(result.history[0]["val_2afc"])
    assert metric.distance == change.get("distance", "lpips")
    assert metric.forms == change.get("forms", ("local",))


@pytest.mark.slow
def test_the_best_epoch_is_the_first_of_the_best(tiny: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scores = iter([0.5, 0.8, 0.8])
    monkeypatch.setattr(Trainer, "validate", lambda self: next(scores))
    train(QUICK, [tiny[0]], [tiny[1]], out=tmp_path / "run")
    assert len(read_facts(tmp_path / "run" / "best.safetensors")["history"]) == 2
    assert len(read_facts(tmp_path / "run" / "last.safetensors")["history"]) == 3


def test_a_relabelled_training_runs_no_trunk_and_equals_one_on_a_dataset_with_these_labels(
    few: Folders, tmp_path: Path, trunk_file: Path, monkeypatch: pytest.MonkeyPatch
):
    config = replace(QUICK, mode="lin", trunk_weights=str(trunk_file))
    shares = np.arange(20) % 2 / 1.0
    copied = Path(shutil.copytree(few[0].parents[2], tmp_path / "data")) / "2afc/train/tiny"
    for number, file in enumerate(sorted((copied / "judge").iterdir())):
        file.write_bytes(label_bytes(shares[number]))
    expected = train(config, [copied], [few[1]], out=tmp_path / "files")
    whole, val = open_subset(few[0]), load_subset(few[1])
    before = train(config, [whole], [val], out=tmp_path / "before")
    monkeypatch.setattr(differences, "_compute", lambda *_: pytest.fail("the trunk ran"))
    for name, source in (("opened", whole.judged(shares)), ("loaded", load_subset(whole).judged(shares))):
        result = train(config, [source], [val], out=tmp_path / name)
        assert result.history == expected.history != before.history
        found, wanted = weights(result.checkpoint), weights(expected.checkpoint)
        assert all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_a_training_does_not_go_on_with_other_labels(few: Folders, tmp_path: Path):
    subset = open_subset(few[0])
    train(QUICK, [subset], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="data"):
        train(QUICK, [subset.judged([0.5] * 20)], out=tmp_path / "run")


def test_some_items_are_trained_on_with_differences_of_their_own(few: Folders, tmp_path: Path, trunk_file: Path):
    config = replace(QUICK, mode="lin", trunk_weights=str(trunk_file), epochs=1, decay_epochs=0)
    whole = load_subset(few[0])
    some = whole.take(np.arange(10))
    for name, subset in (("whole", whole), ("some", some), ("again", whole)):
        assert read_facts(train(config, [subset], out=tmp_path / name).checkpoint)["data"][0]["content"] == (
            subset.content
        )
