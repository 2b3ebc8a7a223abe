"""What a metric was trained on."""

from __future__ import annotations

from pathlib import Path

from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.provenance import notes_on_training
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train

Folders = tuple[Path, Path]


def test_a_metric_that_saw_its_data_says_so(few: Folders, tmp_path: Path):
    config = TrainConfig(net="squeeze", mode="scratch", trunk_weights=None, epochs=1, decay_epochs=0)
    path = train(config, [few[0]], [few[1]], out=tmp_path / "run").checkpoint
    evaluation = evaluate(list(few), {"l2": l2}, resamples=5)
    trained, validated = notes_on_training(evaluation, "mine", path)
    assert trained == "mine was trained on 2afc/train/tiny"
    assert validated.startswith("mine was validated on 2afc/val/tiny")
