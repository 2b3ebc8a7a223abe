"""Write training curves for TensorBoard, an optional package: `pip install 'bappsmith[tensorboard]'`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError


class TensorBoardLogger:
    """Write curves to the folder `tensorboard` of a training; see `TrainingLogger`.

    Raises:
        BappsmithError: TensorBoard is not installed.
    """

    def __init__(self) -> None:
        try:
            self._module = import_module("torch.utils.tensorboard")
        except ImportError as error:
            raise BappsmithError("TensorBoard is not installed: pip install 'bappsmith[tensorboard]'") from error
        self._writer: Any = None

    def start(self, folder: Path, facts: dict[str, Any]) -> None:
        """See `TrainingLogger`."""
        self._writer = self._module.SummaryWriter(str(folder / "tensorboard"))

    def log(self, row: dict[str, Any]) -> None:
        """See `TrainingLogger`."""
        for name, value in row.items():
            if name != "epoch":
                self._writer.add_scalar(name, value, row["epoch"])
        self._writer.flush()

    def finish(self) -> None:
        """See `TrainingLogger`."""
        if self._writer is not None:
            self._writer.close()
