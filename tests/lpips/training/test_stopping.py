"""Which epoch is the best, and when a training stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bappsmith.lpips.model.checkpoint import read_facts
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.stopping import EpochScore, best_epoch, is_exhausted
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.trainer import Trainer
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders

TAPS = ("features.1",)
SCORES = (0.5, 0.8, 0.8, 0.7, 0.9, 1.0)
"""The best of the first four is the second. Two epochs later patience 2 ends, before the fifth."""


@pytest.fixture(scope="module")
def patient(trunk_file: Path) -> TrainConfig:
    """Six epochs at most, two without a better score."""
    return replace(
        QUICK, mode="lin", trunk_weights=str(trunk_file), taps=TAPS, epochs=6, decay_epochs=0, batch=60, patience=2
    )


def rows(scores: Sequence[float]) -> list[dict[str, float]]:
    return [{"epoch": k + 1, "val_2afc": score} for k, score in enumerate(scores)]


def test_the_best_epoch_is_the_earliest_of_the_best():
    assert best_epoch(rows([0.5, 0.8, 0.8]), "val_2afc") == 1
    assert best_epoch(rows([0.5, 0.8, 0.8]), None) == 2


def test_patience_counts_epochs_since_the_best():
    exhausted = [is_exhausted(rows(SCORES[:count]), "val_2afc", 2) for count in range(7)]
    assert exhausted == [False, False, False, False, True, False, False]
    assert not is_exhausted(rows([0.9, 0.1, 0.1]), "val_2afc", None)


def told(scores: Sequence[float], stop_at: int | None = None) -> Callable[[object], float]:
    """A score that is told in advance. Instead of epoch `stop_at`, counted from 0, the training is interrupted once."""
    pending, interruptions = list(scores), [stop_at]

    def compute(_: object) -> float:
        if interruptions == [len(scores) - len(pending)]:
            interruptions.clear()
            raise KeyboardInterrupt
        return pending.pop(0)

    return compute


def test_a_training_stops_when_patience_ends_and_keeps_the_best(
    few: Folders, patient: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Trainer, "validate", told(SCORES))
    result = train(patient, [few[0]], [few[1]], out=tmp_path / "run")
    assert [row["val_2afc"] for row in result.history] == [0.5, 0.8, 0.8, 0.7]
    assert len(read_facts(tmp_path / "run" / "best.safetensors")["history"]) == 2
    assert len(read_facts(tmp_path / "run" / "last.safetensors")["history"]) == 4
    again = train(patient, [few[0]], [few[1]], out=tmp_path / "run")
    assert again.history == result.history  # finished: nothing is trained


def test_any_score_of_a_metric_chooses_the_epoch(few: Folders, patient: TrainConfig, tmp_path: Path):
    metrics: list[LPIPS] = []

    def compute(metric: LPIPS) -> float:
        metrics.append(metric)
        return SCORES[len(metrics) - 1]

    for stop_at, out in ((None, "whole"), (3, "parts")):
        score = EpochScore("mos_srocc", told(SCORES, stop_at))
        if stop_at is not None:
            with pytest.raises(KeyboardInterrupt):
                train(patient, [few[0]], out=tmp_path / out, score=score)
        train(patient, [few[0]], out=tmp_path / out, score=score)
    watched = train(patient, [few[0]], out=tmp_path / "watched", score=EpochScore("mos_srocc", compute))
    assert [row["mos_srocc"] for row in watched.history] == [0.5, 0.8, 0.8, 0.7]
    assert {type(metric) for metric in metrics} == {LPIPS}
    for name in ("best.safetensors", "last.safetensors", "history.jsonl", "training.json"):
        expected = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "parts" / name).read_bytes() == expected, name
        assert (tmp_path / "watched" / name).read_bytes() == expected, name
    assert len(read_facts(watched.checkpoint)["history"]) == 2
    assert read_facts(watched.checkpoint)["best_by"] == "mos_srocc"
    with pytest.raises(BappsmithError, match="another training: the score of epochs"):
        train(patient, [few[0]], out=tmp_path / "whole", score=EpochScore("mos_plcc", compute))


def test_mistakes_are_one_line(few: Folders, patient: TrainConfig, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"^training: patience needs subsets for validation, or a score$"):
        train(patient, [few[0]], out=tmp_path / "run")
    broken = EpochScore("mos_srocc", lambda _: float("nan"))
    with pytest.raises(BappsmithError, match=r"^the score mos_srocc, which .* must be finite, found nan$"):
        train(patient, [few[0]], out=tmp_path / "other", score=broken)
    for name in ("loss", "val_2afc", "two words"):
        with pytest.raises(BappsmithError, match="must be an identifier that the history does not use yet"):
            EpochScore(name, told(SCORES))
