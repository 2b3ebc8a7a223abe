"""Large arrays in one .safetensors file: where each begins, and the header in front of them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 4096
"""Room for the header. Fixed, so that facts known only at the end can be in it; and the data is aligned to pages."""
_DTYPES = {"U8": np.dtype("u1"), "F32": np.dtype("<f4")}


@dataclass(frozen=True)
class Layout:
    """The arrays of a file.

    Attributes:
        tensors: name → (dtype: "U8" or "F32", shape), in the order in which they stand.
    """

    tensors: Mapping[str, tuple[str, tuple[int, ...]]]

    def allocate(self, path: Path) -> None:
        """Make the file, or leave it as it is where it has the right size; its header is written last.

        Raises:
            OSError: the disk is full, which shows here and not as a signal while mapping.
        """
        size = HEADER_BYTES + self._offsets()[1]
        with path.open("ab") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            file.truncate(size)

    def fits(self, path: Path) -> bool:
        """Whether there is a regular file of the right size."""
        return path.is_file() and path.stat().st_size == HEADER_BYTES + self._offsets()[1]

    def map(self, path: Path, *, writable: bool = False) -> dict[str, NDArray[Any]]:
        """The arrays, mapped; what is not touched takes no memory."""
        offsets, _ = self._offsets()
        arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in self.tensors.items():
            # numpy maps no empty array
            arrays[name] = (
                np.memmap(path, _DTYPES[dtype], "r+" if writable else "r", HEADER_BYTES + offsets[name][0], shape)
                if math.prod(shape)
                else np.empty(shape, _DTYPES[dtype])
            )
        return arrays

    def write_header(self, path: Path, facts: Mapping[str, str]) -> None:
        """Write the header, with facts of your own: from now on the file can be read."""
        offsets, _ = self._offsets()
        entries = {
            name: {"dtype": dtype, "shape": shape, "data_offsets": offsets[name]}
            for name, (dtype, shape) in self.tensors.items()
        }
        text = json.dumps({"__metadata__": dict(facts), **entries}).encode()
        if len(text) > HEADER_BYTES - 8:
            raise ValueError(f"the facts of {path} take more than {HEADER_BYTES} bytes")
        with path.open("r+b") as file:
            file.write((HEADER_BYTES - 8).to_bytes(8, "little") + text.ljust(HEADER_BYTES - 8))

    def _offsets(self) -> tuple[dict[str, tuple[int, int]], int]:
        offsets, end = {}, 0
        for name, (dtype, shape) in self.tensors.items():
            start, end = end, end + math.prod(shape) * _DTYPES[dtype].itemsize
            offsets[name] = (start, end)
        return offsets, end
