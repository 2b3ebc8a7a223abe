"""Large arrays in one .safetensors file: write them piece by piece, and read them by mapping the file into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.arrays import Layout
from bappsmith.manifests.store.atomic import atomic_write, remove_partials


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Wait until no other process writes this file, and remove temporary files of killed processes.

    Args:
        path: of the file. Its folder is created.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        remove_partials(path)
        yield


@contextmanager
def write_mapped(
    path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]]
) -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, str]]]:
    """Make a file whose arrays are filled inside the `with` block. At the end it appears, complete, under its name.

    Args:
        path: of the file, in an existing folder.
        tensors: see `Layout`.

    Yields:
        The arrays to fill (name → array), and a dictionary of facts to fill for the header.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    layout, facts = Layout(tensors), dict[str, str]()
    with atomic_write(path) as partial:
        layout.allocate(partial)
        yield layout.map(partial, writable=True), facts
        layout.write_header(partial, facts)


def read_facts_of(path: Path) -> dict[str, str]:
    """Read the facts in the header; return an empty dictionary if the file is missing or incomplete."""
    if not path.is_file():  # reading a FIFO would never end
        return {}
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):
        return {}


def load_mapped(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Map the arrays of a file. Parts that are not used take no memory.

    Returns:
        Name → tensor, and the facts in the header.

    Raises:
        BappsmithError: the file is not a complete .safetensors file.
    """
    if not path.is_file():
        raise BappsmithError(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except Exception as error:  # safetensors also raises other errors, for types that torch lacks
        raise BappsmithError(f"{path}: not a complete .safetensors file ({str(error)[:200]}); make it again") from error
