"""A training that is interrupted, and folders that hold another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train
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
