"""Steps of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.trainer import Trainer

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


def test_lin_from_differences_is_the_training_on_images(tiny: Folders, tmp_path: Path, trunk_file: Path):
    """Without dropout, one epoch of lin equals steps that run trunk and all on every batch."""
    config = replace(QUICK, mode="lin", trunk_weights=str(trunk_file), dropout=0.0, epochs=1, decay_epochs=0)
    train(config, [tiny[0]], out=tmp_path / "run")
    found = load_metric(tmp_path / "run" / "last.safetensors").head_state()
    trainer = Trainer(config, mix([load_subset(tiny[0])]), None, torch.device("cpu"), None)
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
