"""Curves of a training, elsewhere: with the real packages, and with a class of one's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bappsmith.lpips.training.tensorboard import TensorBoardLogger
from bappsmith.lpips.training.train import train
from bappsmith.lpips.training.wandb import WandbLogger
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders

CONFIG = replace(QUICK, taps=("features.1",))


class Notes:
    """A logger as a person may write it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def start(self, folder: Path, facts: dict[str, Any]) -> None:
        self.calls.append(("start", (folder, json.dumps(facts))))

    def log(self, row: dict[str, Any]) -> None:
        self.calls.append(("log", dict(row)))

    def finish(self) -> None:
        self.calls.append(("finish", None))


def test_a_logger_gets_every_epoch_once(few: Folders, tmp_path: Path):
    notes = Notes()
    result = train(CONFIG, [few[0]], out=tmp_path / "run", loggers=[notes])
    assert [call for call, _ in notes.calls] == ["start", *["log"] * len(result.history), "finish"]
    assert [row for call, row in notes.calls if call == "log"] == result.history
    assert notes.calls[0][1][0] == tmp_path / "run"


def test_a_logger_is_finished_after_an_error(few: Folders, tmp_path: Path):
    class Failing(Notes):
        def log(self, row: dict[str, Any]) -> None:
            raise BappsmithError("the disk of the logger is full")

    notes = Failing()
    with pytest.raises(BappsmithError, match="disk of the logger"):
        train(CONFIG, [few[0]], out=tmp_path / "run", loggers=[notes])
    assert notes.calls[-1] == ("finish", None)


@pytest.mark.parametrize(
    ("module", "extra", "make"),
    [
        ("torch.utils.tensorboard", "tensorboard", TensorBoardLogger),
        ("wandb", "wandb", lambda: WandbLogger("patches")),
    ],
)
def test_packages_are_extras(monkeypatch: pytest.MonkeyPatch, module: str, extra: str, make: Callable[[], object]):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BappsmithError, match=rf"pip install 'bappsmith\[{extra}\]'"):
        make()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of TensorBoard itself
def test_tensorboard_reads_the_curves(few: Folders, tmp_path: Path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    result = train(CONFIG, [few[0]], out=tmp_path / "run", loggers=[TensorBoardLogger()])
    events = accumulator.EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    curve = [(event.step, event.value) for event in events.Scalars("loss")]
    assert curve == [(row["epoch"], pytest.approx(row["loss"])) for row in result.history]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of wandb itself
def test_weights_and_biases_takes_the_curves_offline(few: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    wandb = pytest.importorskip("wandb")
    for name, value in {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_CONSOLE": "off"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    sent: list[tuple[int, dict[str, Any]]] = []
    log = wandb.sdk.wandb_run.Run.log

    def watched(run: Any, data: dict[str, Any], step: int) -> None:
        sent.append((step, data))
        log(run, data, step=step)

    monkeypatch.setattr(wandb.sdk.wandb_run.Run, "log", watched)
    (tmp_path / "run").mkdir()
    result = train(CONFIG, [few[0]], out=tmp_path / "run", loggers=[WandbLogger("patches")])
    wandb.teardown()
    assert [step for step, _ in sent] == [row["epoch"] for row in result.history]
    assert [data["loss"] for _, data in sent] == [row["loss"] for row in result.history]
    (file,) = (tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb")
    number = (tmp_path / "run" / "wandb-id.txt").read_text()
    assert file.name == f"run-{number}.wandb"
    assert file.stat().st_size > 0
