"""One item on its way to or from a dataset, and its hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SHARD = 512
"""Consecutive items that are made, stored and entered together: tasks of about a second, tar files of about 12 MB."""


class StoredFile(NamedTuple):
    """What the seal says of a file: sha256, hex, and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item as a form stores it.

    Attributes:
        index: position in its subset.
        images: folder (ref, p0, p1) → content of its PNG file; empty where pixels are stored packed.
        label: content of the judgment's .npy file; None: missing.
        pixels: folder → uint8 H×W×3 RGB; empty where files were read and not decoded.
    """

    index: int
    images: Mapping[str, bytes]
    label: bytes | None
    pixels: Mapping[str, NDArray[np.uint8]]


def digests(item: StoredItem) -> dict[str, Any]:
    """Columns of the manifest that describe what is there of an item: sha256 and size of files, sha256 of pixels."""
    files = {f"file_{folder}": hashlib.sha256(data).digest() for folder, data in item.images.items()}
    sizes = {f"size_{folder}": len(data) for folder, data in item.images.items()}
    pixels = {f"pixels_{folder}": hashlib.sha256(image.tobytes()).digest() for folder, image in item.pixels.items()}
    return {**files, **sizes, **pixels}


def stored_columns(folders: tuple[str, ...], encoded: bool) -> list[str]:
    """Columns of the manifest that say whether what is stored is as it was sealed: of PNG files, or of packed pixels."""
    if not encoded:
        return [f"pixels_{folder}" for folder in folders]
    return [f"{what}_{folder}" for what in ("size", "file") for folder in folders]
