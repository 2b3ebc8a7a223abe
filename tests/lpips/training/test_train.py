"""Training: it learns, it resumes exactly, and it clamps nothing but heads."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.checkpoint import load_metric, read_facts, save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.training.rank import RankNet, hinge_loss, ordering_loss, rank_loss
from bappsmith.lpips.training.train import TrainConfig, _Trainer, train
from bappsmith.manifests.errors import BappsmithError

QUICK = TrainConfig(
    net="squeeze", mode="scratch", trunk_weights=None, epochs=2, decay_epochs=1, batch=10, learning_rate=1e-3
)
Folders = tuple[Path, Path]


@pytest.fixture(scope="module")
def trunk_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random SqueezeNet trunk as a file."""
    path = tmp_path_factory.mktemp("trunk") / "squeeze.pth"
    torch.save(Trunk("squeeze", 1).state(), path)
    return path


def weights(path: Path) -> dict[str, torch.Tensor]:
    metric = load_metric(path)
    return {**metric.trunk.state(), **metric.head_state()}


def test_the_rank_net_has_the_published_size_and_inputs():
    net = RankNet(torch.Generator().manual_seed(0))
    assert sum(p.numel() for p in net.parameters()) == 1281
    d0, d1 = torch.tensor([0.3]), torch.tensor([0.1])
    layers = net.layers
    inputs = torch.tensor([[0.3, 0.1, 0.2, 0.3 / 0.2, 0.1 / 0.4]])
    torch.testing.assert_close(net(d0, d1), layers(inputs)[:, 0])


def test_losses_by_hand():
    # -ln σ(1) = 0.313262; -ln(1 - σ(1)) = 1.313262
    assert rank_loss(torch.tensor([1.0]), torch.tensor([1.0])).item() == pytest.approx(0.313262, abs=1e-6)
    assert rank_loss(torch.tensor([1.0]), torch.tensor([0.25])).item() == pytest.approx(1.063262, abs=1e-6)
    # p1 judged the closer (1): d0 > d1 is the right way up.
    up = ordering_loss(torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([1.0])).item()
    down = ordering_loss(torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([1.0])).item()
    assert (up, down) == (pytest.approx(0.313262, abs=1e-6), pytest.approx(1.313262, abs=1e-6))


def test_the_hinge_loss_by_hand():
    d0, d1 = torch.tensor([0.5, 0.5, 0.2, 0.9]), torch.tensor([0.1, 0.45, 0.6, 0.1])
    judge = torch.tensor([1.0, 1.0, 0.75, 0.5])
    # Right by .4; right by .05, lacking .05; wrong by .4 at half weight, lacking .5; no majority.
    assert hinge_loss(d0, d1, judge, 0.1).item() == pytest.approx((0 + 0.05 + 0.5 * 0.5 + 0) / 4)


def test_learning_rate_is_constant_then_falls_in_equal_steps():
    rates = [TrainConfig().rate(epoch) for epoch in range(10)]
    assert rates[:5] == [1e-4] * 5
    assert rates[5:] == pytest.approx([1e-4 * k / 6 for k in (5, 4, 3, 2, 1)])


def test_scratch_learns_a_rule_that_starts_upside_down(tiny: Folders, tmp_path: Path):
    config = replace(QUICK, net="alex", epochs=6, learning_rate=1e-3)
    result = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "run")
    assert max(row["val_2afc"] for row in result.history) >= 0.9
    assert result.history[0]["train_2afc"] < 0.8


def test_lin_trains_heads_alone_and_tune_trains_the_trunk(tiny: Folders, tmp_path: Path, trunk_file: Path):
    start = torch.load(trunk_file, weights_only=True)
    for mode in ("lin", "tune"):
        config = replace(QUICK, mode=mode, trunk_weights=str(trunk_file), epochs=1, decay_epochs=0)
        train(config, [tiny[0]], out=tmp_path / mode)
        found = weights(tmp_path / mode / "last.safetensors")
        assert all((found[name] == start[name]).all() for name in start) == (mode == "lin")
        assert any((found[f"lin{k}.model.1.weight"] != 0.1).any() for k in range(7))


def test_only_heads_are_clamped(tiny: Folders, tmp_path: Path):
    config = replace(QUICK, epochs=1, decay_epochs=0, learning_rate=0.05)
    train(config, [tiny[0]], out=tmp_path / "run")
    found = weights(tmp_path / "run" / "last.safetensors")
    heads = torch.cat([value.flatten() for name, value in found.items() if name.startswith("lin")])
    assert heads.min() == 0  # some reached the clamp
    squeeze = found["features.3.squeeze.weight"]
    assert squeeze.shape[2:] == (1, 1)
    assert squeeze.min() < 0


@pytest.mark.parametrize("mode", ["scratch", "lin"])
def test_resuming_gives_the_weights_of_an_uninterrupted_training(
    tiny: Folders, tmp_path: Path, trunk_file: Path, mode: str
):
    config = replace(QUICK, mode=mode, trunk_weights=None if mode == "scratch" else str(trunk_file))
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


def test_resuming_with_another_configuration_or_other_data_is_refused(tiny: Folders, tmp_path: Path):
    once = replace(QUICK, epochs=1, decay_epochs=0)
    train(once, [tiny[1]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match=r"seed \(0 there, 1 now\)"):
        train(replace(once, seed=1), [tiny[1]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="the training data"):
        train(once, [tiny[0]], out=tmp_path / "run")
    with pytest.raises(BappsmithError, match="the training data or its weights"):
        train(once, [tiny[1]], out=tmp_path / "run", weights=[2])
    with pytest.raises(BappsmithError, match="the validation data"):
        train(once, [tiny[1]], [tiny[1]], out=tmp_path / "run")
    (tmp_path / "run" / "state.pt").write_bytes(b"half")
    with pytest.raises(BappsmithError, match=r"state\.pt: damaged"):
        train(once, [tiny[1]], out=tmp_path / "run")


def test_a_checkpoint_is_enough_by_itself_and_says_what_it_is(tiny: Folders, tmp_path: Path):
    result = train(replace(QUICK, epochs=1, decay_epochs=0), [tiny[0]], [tiny[1]], out=tmp_path / "run")
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


def test_checkpoints_that_cannot_be_used_are_refused(tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0)
    save_checkpoint(tmp_path / "a.safetensors", metric, {})
    with pytest.raises(BappsmithError, match="is of net 'squeeze', asked for 'alex'"):
        load_metric(tmp_path / "a.safetensors", net="alex")
    with pytest.raises(BappsmithError, match="no such file"):
        load_metric(tmp_path / "none.safetensors")
    data = (tmp_path / "a.safetensors").read_bytes()
    for name, content in {"cut": data[: len(data) // 2], "text": b"hello", "empty": b""}.items():
        (tmp_path / f"{name}.safetensors").write_bytes(content)
        with pytest.raises(BappsmithError, match=f"{name}.safetensors: not a .safetensors file"):
            load_metric(tmp_path / f"{name}.safetensors")


def test_lin_from_differences_is_the_training_on_images(tiny: Folders, tmp_path: Path, trunk_file: Path):
    """Without dropout, one epoch of lin equals steps that run trunk and all on every batch."""
    config = replace(QUICK, mode="lin", trunk_weights=str(trunk_file), dropout=0.0, epochs=1, decay_epochs=0)
    train(config, [tiny[0]], out=tmp_path / "run")
    found = load_metric(tmp_path / "run" / "last.safetensors").head_state()
    trainer = _Trainer(config, mix([load_subset(tiny[0])]), None, torch.device("cpu"), None)
    trainer.seen = None  # from here on, pixels
    trainer.epoch(0)
    for name, value in trainer.metric.head_state().items():
        torch.testing.assert_close(found[name], value, atol=2e-5, rtol=1e-3)


def test_gradients_of_the_parts_of_a_batch_add_up(tiny: Folders, tmp_path: Path):
    config = replace(QUICK, epochs=1, decay_epochs=0, dropout=0.0, ordering_weight=0.0, learning_rate=1e-4)
    rows = []
    for parts in (1, 3):
        result = train(replace(config, accumulate=parts), [tiny[0]], out=tmp_path / str(parts))
        rows.append(result.history[0]["loss"])
    assert rows[0] == pytest.approx(rows[1], rel=1e-3)


@pytest.mark.parametrize(
    "change", [{"distance": "fc"}, {"loss": "hinge"}, {"net": "resnet18"}, {"taps": ("features.1",)}]
)
def test_every_kind_of_metric_trains_and_comes_back(tiny: Folders, tmp_path: Path, change: dict[str, object]):
    result = train(replace(QUICK, epochs=1, decay_epochs=0, **change), [tiny[0]], [tiny[1]], out=tmp_path / "run")
    metric = load_metric(result.checkpoint)
    d0, d1 = distances(metric, load_subset(tiny[1]))
    found = two_afc_scores(d0, d1, load_subset(tiny[1]).labels).mean()
    assert found == pytest.approx(result.history[0]["val_2afc"])
    assert metric.distance == change.get("distance", "lpips")


def test_the_best_epoch_is_the_first_of_the_best(tiny: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scores = iter([0.5, 0.8, 0.8])
    monkeypatch.setattr(_Trainer, "validate", lambda self: next(scores))
    train(QUICK, [tiny[0]], [tiny[1]], out=tmp_path / "run")
    assert len(read_facts(tmp_path / "run" / "best.safetensors")["history"]) == 2
    assert len(read_facts(tmp_path / "run" / "last.safetensors")["history"]) == 3


def test_tensorboard_is_an_extra(tiny: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(BappsmithError, match=r"pip install 'bappsmith\[tensorboard\]'"):
        train(QUICK, [tiny[0]], out=tmp_path / "run", tensorboard=True)
    written = []

    class Writer:
        def __init__(self, folder: str) -> None:
            assert folder == str(tmp_path / "run" / "tensorboard")

        def __enter__(self) -> Writer:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

        def flush(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    result = train(QUICK, [tiny[0]], out=tmp_path / "run", tensorboard=True)
    assert ("loss", result.history[2]["loss"], 3) in written


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "linear"},
        {"batch": 0},
        {"dropout": 1.0},
        {"epochs": 0, "decay_epochs": 0},
        {"trunk_weights": "x.pth"},
        {"distance": "cosine"},
        {"accumulate": 11},
        {"loss": "square"},
    ],
)
def test_impossible_configurations_are_refused(change: dict[str, object]):
    with pytest.raises(BappsmithError, match="training: "):
        replace(QUICK, **change)
