"""Large arrays in one .safetensors file: their offsets, and the header."""

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
"""Size of the header. It is fixed, so that the header can be written last, and the data is aligned to pages."""
_DTYPES = {"U8": np.dtype("u1"), "F32": np.dtype("<f4")}


@dataclass(frozen=True)
class Layout:
    """The arrays of a file.

    Attributes:
        tensors: name → (dtype: "U8" or "F32", shape), in the order of the file.
    """

    tensors: Mapping[str, tuple[str, tuple[int, ...]]]

    def allocate(self, path: Path) -> None:
        """Create the file in full size, without its header. A file of the right size stays as it is.

        Raises:
            OSError: the disk is full. Without this call, the process would be killed by a signal while writing.
        """
        size = HEADER_BYTES + self._offsets()[1]
        with path.open("ab") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            file.truncate(size)

    def fits(self, path: Path) -> bool:
        """Whether the path is a regular file of the right size."""
        return path.is_file() and path.stat().st_size == HEADER_BYTES + self._offsets()[1]

    def map(self, path: Path, *, writable: bool = False) -> dict[str, NDArray[Any]]:
        """Map the arrays: name → uint8 or float32 array. Parts that are not read or written take no memory."""
        offsets, _ = self._offsets()
        arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in self.tensors.items():
            # numpy cannot map an empty array
            arrays[name] = (
                np.memmap(path, _DTYPES[dtype], "r+" if writable else "r", HEADER_BYTES + offsets[name][0], shape)
                if math.prod(shape)
                else np.empty(shape, _DTYPES[dtype])
            )
        return arrays

    def write_header(self, path: Path, facts: Mapping[str, str]) -> None:
        """Write the header. From now on the file can be read.

        Args:
            path: of the file.
            facts: metadata for the header.

        Raises:
            ValueError: the header is larger than `HEADER_BYTES`.
        """
        offsets, _ = self._offsets()
        entries = {
            name: {"dtype": dtype, "shape": shape, "data_offsets": offsets[name]}
            for name, (dtype, shape) in self.tensors.items()
        }
        text = json.dumps({"__metadata__": dict(facts), **entries}).encode()
        if len(text) > HEADER_BYTES - 8:
            raise ValueError(f"the header of {path} takes more than {HEADER_BYTES} bytes")
        with path.open("r+b") as file:
            file.write((HEADER_BYTES - 8).to_bytes(8, "little") + text.ljust(HEADER_BYTES - 8))

    def _offsets(self) -> tuple[dict[str, tuple[int, int]], int]:
        offsets: dict[str, tuple[int, int]] = {}
        end = 0
        for name, (dtype, shape) in self.tensors.items():
            start, end = end, end + math.prod(shape) * _DTYPES[dtype].itemsize
            offsets[name] = (start, end)
        return offsets, end
