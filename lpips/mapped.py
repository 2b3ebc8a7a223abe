"""Large arrays in one .safetensors file, written piece by piece and read by mapping it into memory."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..manifests.files import put_in_place

HEADER_BYTES = 4096
"""Room for the header. Fixed, so that facts known only at the end can be in it; and the data is aligned to pages."""
_DTYPES = {"U8": np.dtype("u1"), "F32": np.dtype("<f4")}


@contextmanager
def write_mapped(
    path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]]
) -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, str]]]:
    """Make a file whose arrays are filled inside the `with` block; it is put in place whole at the end.

    Args:
        path: of the file; its folder is made.
        tensors: name → (dtype: "U8" or "F32", shape).

    Yields:
        The arrays to fill, and a dictionary of facts to fill for the header.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    entries: dict[str, Any] = {}
    offset = 0
    for name, (dtype, shape) in tensors.items():
        size = math.prod(shape) * _DTYPES[dtype].itemsize
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": (offset, offset + size)}
        offset += size
    facts: dict[str, str] = {}
    with put_in_place(path) as partial, partial.open("w+b") as file:
        if hasattr(os, "posix_fallocate"):  # a full disk shows here, and not as a signal while mapping
            os.posix_fallocate(file.fileno(), 0, HEADER_BYTES + offset)
        file.truncate(HEADER_BYTES + offset)
        arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in tensors.items():
            start = HEADER_BYTES + entries[name]["data_offsets"][0]
            # numpy maps no empty array
            arrays[name] = (
                np.memmap(file, _DTYPES[dtype], "r+", start, shape)
                if math.prod(shape)
                else np.empty(shape, _DTYPES[dtype])
            )
        yield arrays, facts
        text = json.dumps({"__metadata__": facts, **entries}).encode()
        if len(text) > HEADER_BYTES - 8:
            raise ValueError(f"the facts of {path} take more than {HEADER_BYTES} bytes")
        file.seek(0)
        file.write((HEADER_BYTES - 8).to_bytes(8, "little") + text.ljust(HEADER_BYTES - 8))


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
