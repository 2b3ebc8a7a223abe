"""How far a training of a certified metric is, as bytes in its work log."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bappsmith.lpips.model.weights import load_pytorch
from bappsmith.manifests.errors import BappsmithError


@dataclass(frozen=True)
class FitState:
    """What a training needs to go on after an epoch. Seed and epoch decide the order of triplets.

    Attributes:
        history: one row per epoch, see `fit`.
        parameters: of the learner.
        optimiser: its state.
    """

    history: list[dict[str, Any]]
    parameters: list[Tensor]
    optimiser: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return the bytes of a file of `torch.save`."""
        stream = io.BytesIO()
        torch.save(asdict(self), stream)
        return stream.getvalue()


def read_fit_state(path: Path) -> FitState | None:
    """Read a state; return None if there is none, or it is damaged."""
    try:
        content: Any = load_pytorch(path, "the state of a training")
        rows = [{str(name): float(value) for name, value in row.items()} for row in content["history"]]
        history = [{**row, "epoch": int(row["epoch"])} for row in rows]
        parameters, optimiser = [torch.as_tensor(value) for value in content["parameters"]], dict(content["optimiser"])
    except (BappsmithError, LookupError, TypeError, ValueError, AttributeError, RuntimeError, RecursionError):
        return None
    if [row["epoch"] for row in history] != list(range(1, len(history) + 1)):
        return None
    return FitState(history, parameters, optimiser)
