"""Write training curves for TensorBoard, an optional package: `pip install 'bappsmith[tensorboard]'`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError


def require_tensorboard() -> None:
    """Check that TensorBoard is installed.

    Raises:
        BappsmithError: TensorBoard is not installed.
    """
    try:
        import_module("torch.utils.tensorboard")
    except ImportError as error:
        raise BappsmithError("TensorBoard is not installed: pip install 'bappsmith[tensorboard]'") from error


@contextmanager
def board(folder: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield a function that writes every figure of an epoch's row. If `folder` is None, it does nothing."""
    if folder is None:
        yield lambda row: None
        return
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:

        def log(row: dict[str, Any]) -> None:
            for name, value in row.items():
                if name != "epoch":
                    writer.add_scalar(name, value, row["epoch"])
            writer.flush()

        yield log
