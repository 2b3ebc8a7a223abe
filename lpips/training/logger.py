"""Where the figures of a training go, epoch by epoch, beside its own history."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class TrainingLogger(Protocol):
    """Takes the figures of every epoch. `train` calls `start` once, `log` after every epoch, and `finish` at the end.

    Write a class with these three methods to send figures elsewhere.
    """

    def start(self, folder: Path, facts: dict[str, Any]) -> None:
        """Prepare.

        Args:
            folder: of the training.
            facts: JSON values: `config`, `data` and `val`; the same for a training that goes on.
        """
        ...

    def log(self, row: dict[str, Any]) -> None:
        """Take the row of an epoch.

        Args:
            row: `epoch`, from 1, and figures by name; see `TrainResult`.
        """
        ...

    def finish(self) -> None:
        """Close what `start` opened, also after an error in the training."""
        ...
