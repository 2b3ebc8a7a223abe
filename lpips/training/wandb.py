"""Send training curves to Weights & Biases, an optional package: `pip install 'bappsmith[wandb]'`."""

from __future__ import annotations

import uuid
from importlib import import_module
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.atomic import atomic_write_bytes

_ID = "wandb-id.txt"
"""File in the folder of a training with the number of its run, so that a resumed training goes on in the same run."""


class WandbLogger:
    """Send curves to a project of Weights & Biases; see `TrainingLogger`.

    Account and mode come from where wandb keeps them: `wandb login`, and variables such as WANDB_MODE=offline.

    Args:
        project: name of the project.

    Raises:
        BappsmithError: wandb is not installed.
    """

    def __init__(self, project: str) -> None:
        try:
            self._wandb: Any = import_module("wandb")
        except ImportError as error:
            raise BappsmithError("Weights & Biases is not installed: pip install 'bappsmith[wandb]'") from error
        self._project = project
        self._run: Any = None

    def start(self, folder: Path, facts: dict[str, Any]) -> None:
        """See `TrainingLogger`.

        Raises:
            BappsmithError: wandb does not start: there is no account, or no connection.
        """
        file = folder / _ID
        if not file.is_file():
            atomic_write_bytes(file, uuid.uuid4().hex.encode())
        try:
            self._run = self._wandb.init(
                project=self._project,
                id=file.read_text(encoding="ascii"),
                resume="allow",
                name=folder.absolute().name,
                dir=str(folder),
                config=facts["config"],
            )
        except (self._wandb.Error, OSError, ValueError) as error:
            raise BappsmithError(
                f"Weights & Biases does not start ({printable(' '.join(str(error).split()), 200)}); run `wandb login`, "
                "or set WANDB_MODE=offline"
            ) from error

    def log(self, row: dict[str, Any]) -> None:
        """See `TrainingLogger`."""
        self._run.log({name: value for name, value in row.items() if name != "epoch"}, step=row["epoch"])

    def finish(self) -> None:
        """See `TrainingLogger`."""
        if self._run is not None:
            self._run.finish()
