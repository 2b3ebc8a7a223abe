"""One item on its way to or from a dataset, and its hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHARD = 512
"""Consecutive items that are made, stored and entered together: tasks of about a second, tar files of about 12 MB."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item on its way to or from a dataset.

    Attributes:
        index: position in its subset.
        files: folder → content of its file; the label alone where pixels are stored packed.
        pixels: folder → uint8 H×W×3 RGB; empty where files were read and not decoded.
    """

    index: int
    files: Mapping[str, bytes]
    pixels: Mapping[str, NDArray[np.uint8]]


def digests(item: StoredItem) -> dict[str, bytes]:
    """sha256 of all that is there of an item, under the manifest's column names."""
    files = {f"file_{folder}": data for folder, data in item.files.items()}
    pixels = {f"pixels_{folder}": image.tobytes() for folder, image in item.pixels.items()}
    return {name: hashlib.sha256(data).digest() for name, data in {**files, **pixels}.items()}
