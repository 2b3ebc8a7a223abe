"""The folder of a training: whether it may be used, and where the training stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.weights import load_pytorch
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write, atomic_write_bytes, remove_partials

from .config import TrainConfig

STATE, HISTORY, LAST, BEST = "state.pt", "history.jsonl", "last.safetensors", "best.safetensors"
_LOCK = ".lock"


@dataclass(frozen=True)
class TrainState:
    """Where a training stands after an epoch.

    Attributes:
        history: one row per epoch.
        weights: what going on needs, see `Trainer.state`.
    """

    history: list[dict[str, Any]]
    weights: dict[str, Any]


class TrainFolder:
    """The folder that a training writes to; an earlier one may have begun there.

    Nothing is written before `begin`.

    Args:
        out: the folder.

    Raises:
        BappsmithError: it is no folder, or what is there is damaged.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        if out.exists() and not out.is_dir():
            raise BappsmithError(f"{out}: not a folder; choose another one for --out")
        self._facts: dict[str, Any] = {}
        self.state: TrainState | None = None
        if (out / STATE).exists():
            self._facts, self.state = _read(out / STATE)

    def refuse_other_config(self, config: TrainConfig) -> None:
        """Refuse a configuration that differs from the one that began here.

        Raises:
            BappsmithError: it does.
        """
        if self.state is not None:
            self._refuse(_differing(self._facts["config"], _as_json(asdict(config))))

    def refuse_other(self, facts: dict[str, Any]) -> None:
        """Refuse a configuration or data that differ from those that began here.

        Args:
            facts: `config`; `data` and `val`, see `provenance`.

        Raises:
            BappsmithError: they do.
        """
        if self.state is None:
            return
        differing = _differing(self._facts["config"], _as_json(facts["config"]))
        for what, name in (("data", "the training data or its weights"), ("val", "the validation data")):
            if [_identity(one) for one in self._facts[what]] != [_identity(one) for one in facts[what]]:
                differing.append(name)
        self._refuse(differing)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Write here, alone; what killed trainings left half-written is removed, and what they did not write is.

        Raises:
            BappsmithError: another training is writing here.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.out / _LOCK, timeout=0):
                for name in (STATE, HISTORY, LAST, BEST):
                    remove_partials(self.out / name)
                if self.state is not None:
                    self._write_history(self.state.history)
                yield
        except Timeout as error:
            raise BappsmithError(
                f"another training is writing to {self.out}; wait for its end, or choose another folder for --out"
            ) from error

    def save(self, metric: LPIPS, state: TrainState, facts: dict[str, Any], *, best: bool) -> None:
        """Write what stands after an epoch; the state, from which the next run goes on, after the metrics.

        Args:
            metric: the trained one.
            state: where the training stands.
            facts: for headers.
            best: whether this epoch is the best so far.
        """
        for name in (LAST, BEST) if best else (LAST,):
            save_checkpoint(self.out / name, metric, {**facts, "history": state.history})
        with atomic_write(self.out / STATE) as partial, partial.open("wb") as stream:
            torch.save({"facts": json.dumps(facts), "history": state.history, "weights": state.weights}, stream)
        self._write_history(state.history)

    def damaged(self) -> BappsmithError:
        """The error for a state that cannot be gone on from."""
        return _damaged(self.out / STATE)

    def _write_history(self, history: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(row) + "\n" for row in history)
        atomic_write_bytes(self.out / HISTORY, lines.encode())

    def _refuse(self, differing: list[str]) -> None:
        if differing:
            raise BappsmithError(
                f"{self.out} holds another training: {', '.join(differing)}; choose another folder for --out"
            )


def _read(path: Path) -> tuple[dict[str, Any], TrainState]:
    """The facts and the state of an earlier training."""
    try:
        content: Any = load_pytorch(path, "the state of a training")
        facts, history, weights = json.loads(content["facts"]), content["history"], content["weights"]
        rows = [{str(name): float(value) for name, value in row.items()} for row in history]
        rows = [{**row, "epoch": int(row["epoch"])} for row in rows]
        for one in (*facts["data"], *facts["val"]):
            _identity(one)
        config = facts["config"]
    except (BappsmithError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error
    epochs = [row["epoch"] for row in rows]
    if epochs != list(range(1, len(rows) + 1)) or not isinstance(config, dict) or not isinstance(weights, dict):
        raise _damaged(path)
    return facts, TrainState(rows, weights)


def _damaged(path: Path) -> BappsmithError:
    return BappsmithError(f"{path}: damaged; remove {path.parent} to train anew")


def _differing(there: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [
        f"{key} ({there.get(key)} there, {now.get(key)} now)"
        for key in dict.fromkeys((*now, *there))
        if there.get(key) != now.get(key)
    ]


def _as_json(value: Any) -> Any:
    """As it comes back from JSON, where a tuple is a list."""
    return json.loads(json.dumps(value))


def _identity(data: dict[str, Any]) -> tuple[Any, ...]:
    """What makes data the same data, wherever it lies."""
    return data["content"], data.get("weight")
