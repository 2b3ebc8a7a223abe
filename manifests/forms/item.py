"""One item as it is written to or read from a dataset, and its hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SHARD = 512
"""Number of consecutive items per shard: tasks of about one second, tar files of about 12 MB."""


class StoredFile(NamedTuple):
    """sha256 (hex) and size (bytes) of a file, as the seal records them."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item as a form stores it.

    Attributes:
        index: position in its subset, from 0.
        images: folder (ref, p0, p1) → content of its PNG file; empty in form packed.
        label: content of the .npy file of the judgment; None: missing.
        pixels: folder → uint8 H×W×3 RGB; empty if files were read but not decoded.
    """

    index: int
    images: Mapping[str, bytes]
    label: bytes | None
    pixels: Mapping[str, NDArray[np.uint8]]


def digests(item: StoredItem) -> dict[str, Any]:
    """Compute the manifest columns of an item: sha256 and size of its files, sha256 of its pixels."""
    files = {f"file_{folder}": hashlib.sha256(data).digest() for folder, data in item.images.items()}
    sizes = {f"size_{folder}": len(data) for folder, data in item.images.items()}
    pixels = {f"pixels_{folder}": hashlib.sha256(image.tobytes()).digest() for folder, image in item.pixels.items()}
    return {**files, **sizes, **pixels}


def stored_columns(folders: tuple[str, ...], encoded: bool) -> list[str]:
    """Return the manifest columns that check stored images: of PNG files, or of packed pixels."""
    if not encoded:
        return [f"pixels_{folder}" for folder in folders]
    return [f"{what}_{folder}" for what in ("size", "file") for folder in folders]
