"""Large arrays in one .safetensors file, written piece by piece and read by mapping it into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from bappsmith.manifests.forms.arrays import Layout
from bappsmith.manifests.store.atomic import atomic_write


@contextmanager
def write_mapped(
    path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]]
) -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, str]]]:
    """Make a file whose arrays are filled inside the `with` block; it is put in place whole at the end.

    Args:
        path: of the file; its folder is made.
        tensors: see `Layout`.

    Yields:
        The arrays to fill, and a dictionary of facts to fill for the header.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    layout, facts = Layout(tensors), dict[str, str]()
    with atomic_write(path) as partial:
        layout.allocate(partial)
        yield layout.map(partial, writable=True), facts
        layout.write_header(partial, facts)


def read_facts_of(path: Path) -> dict[str, str]:
    """The facts in the header; empty where there is no such file, or it is not whole."""
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):
        return {}


def load_mapped(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The arrays of a file, mapped: what is not touched takes no memory."""
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
