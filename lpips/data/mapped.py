"""Large arrays in one .safetensors file, written piece by piece and read by mapping it into memory."""

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
    """Wait until no other process makes this file, and remove what a killed one left of it.

    Args:
        path: of the file; its folder is made.

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
    """Make a file whose arrays are filled inside the `with` block; it is put in place whole at the end.

    Args:
        path: of the file, in a folder that exists.
        tensors: see `Layout`.

    Yields:
        The arrays to fill, and a dictionary of facts to fill for the header.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    layout, facts = Layout(tensors), dict[str, str]()
    with atomic_write(path) as partial:
        layout.allocate(partial)
        yield layout.map(partial, writable=True), facts
        layout.write_header(partial, facts)


def read_facts_of(path: Path) -> dict[str, str]:
    """The facts in the header; empty where there is no such file, or it is not whole."""
    if not path.is_file():  # a FIFO would never end
        return {}
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):
        return {}


def load_mapped(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The arrays of a file, mapped: what is not touched takes no memory.

    Raises:
        BappsmithError: it is no whole .safetensors file.
    """
    if not path.is_file():
        raise BappsmithError(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except Exception as error:  # beside its own error, safetensors raises several for types that torch lacks
        raise BappsmithError(f"{path}: not a whole .safetensors file ({str(error)[:200]})") from error
