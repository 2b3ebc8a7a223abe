"""The work log of a training: whether its folder may be used, and how far the training is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.weights import load_pytorch
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import remove_partials
from bappsmith.manifests.work_log import TRAINING, WorkLog

from .config import TrainConfig
from .schedule import Schedule

HISTORY, LAST, BEST = "history.jsonl", "last.safetensors", "best.safetensors"
_GROUP = "epochs"


@dataclass(frozen=True)
class TrainState:
    """The state of a training after an epoch.

    Attributes:
        history: one row per epoch, see `TrainResult`.
        weights: what a resumed training needs, see `Trainer.state`; None: the training is finished.
    """

    history: list[dict[str, Any]]
    weights: dict[str, Any] | None


class TrainingLog(WorkLog):
    """The work log of one training. Its one entry holds the state after the last epoch.

    Args:
        out: folder of the training.

    Raises:
        BappsmithError: `out` is not a folder.
    """

    def __init__(self, out: Path | str) -> None:
        super().__init__(out, TRAINING)
        self.folder = Path(out)
        if self.folder.exists() and not self.folder.is_dir():
            raise BappsmithError(f"{out}: not a folder; choose another one for --out")

    def refuse_other_config(self, config: TrainConfig) -> None:
        """Refuse a configuration that differs from that of the training in the folder, before data are read.

        Raises:
            BappsmithError: the configurations differ.
        """
        recorded = self.parts_there()
        if recorded is not None:
            parts = given_parts(config)
            self.refuse_other_parts({name: recorded.get(name, "") for name in parts}, parts)

    @contextmanager
    def training(self, facts: dict[str, Any]) -> Iterator[None]:
        """Begin or go on as the only writer; see `WorkLog.at_work`. Nothing is written before.

        Args:
            facts: `config`, `data` and `val`, see `provenance`.
        """
        with self.at_work(training_parts(facts), facts):
            for name in (HISTORY, LAST, BEST):
                remove_partials(self.folder / name)
            yield

    def state(self) -> TrainState | None:
        """Read the state of the training; return None if it has no epoch yet, or its state is damaged."""
        if self.finished:
            return TrainState(self.read_final()["history"], None)
        try:
            content: Any = load_pytorch(self.folder / self.entry(_GROUP, 0, "pt"), "the state of a training")
            rows = [{str(name): float(value) for name, value in row.items()} for row in content["history"]]
            history = [{**row, "epoch": int(row["epoch"])} for row in rows]
            weights = content["weights"]
        except (BappsmithError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            return None
        if [row["epoch"] for row in history] != list(range(1, len(history) + 1)) or not isinstance(weights, dict):
            return None
        return TrainState(history, weights)

    def save(self, metric: LPIPS, state: TrainState, facts: dict[str, Any], *, best: bool) -> None:
        """Write the metrics after an epoch, then the state from which the next run goes on.

        Args:
            metric: the trained metric.
            state: state of the training.
            facts: JSON values for the headers of checkpoints.
            best: whether this epoch is the best so far.
        """
        for name in (LAST, BEST) if best else (LAST,):
            save_checkpoint(self.folder / name, metric, {**facts, "history": state.history})
        self.write_history(state.history)
        stream = io.BytesIO()
        torch.save({"history": state.history, "weights": state.weights}, stream)
        self.record(_GROUP, 0, "pt", stream.getvalue())

    def write_history(self, history: list[dict[str, Any]]) -> None:
        """Write the history, one line per epoch."""
        self.store.write(HISTORY, "".join(json.dumps(row) + "\n" for row in history).encode())

    def close(self, history: list[dict[str, Any]], facts: dict[str, Any]) -> None:
        """Mark the training as finished, and remove the state."""
        self.finish({**facts, "history": history}, training_parts(facts))


def given_parts(config: TrainConfig) -> dict[str, str]:
    """Turn a configuration into parts of a work log: field → value as JSON, without what depends on the data."""
    by_rule = [field.name for field in fields(Schedule) if getattr(config, field.name) is None]
    return {name: json.dumps(value) for name, value in asdict(config).items() if name not in by_rule}


def training_parts(facts: dict[str, Any]) -> dict[str, str]:
    """Return the parts of a training: its configuration, and the content of its data. Paths do not count."""
    config = {name: json.dumps(value) for name, value in facts["config"].items()}
    data = [(one["content"], one["counting"], one["weight"], one["lapse"]) for one in facts["data"]]
    val = [(one["content"], one["counting"]) for one in facts["val"]]
    return {
        **config,
        "the training data, its votes, weights or lapses": json.dumps(data),
        "the validation data": json.dumps(val),
        "the score of epochs": json.dumps(facts["best_by"]),
        "the checkpoint to start from": json.dumps(facts.get("start")),
    }
