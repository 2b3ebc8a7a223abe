"""Index a batch of photographs: the task of a worker before the shards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.open import open_store

from .decode import decode
from .read import read_photograph

BATCH = 8
"""Photographs per task: decoding them takes much longer than sending the task."""


class Unreadable(NamedTuple):
    """A photograph that cannot be read.

    Attributes:
        name: of the file.
        reason: one line that names the file.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class IndexBatch:
    """Photographs to index.

    Attributes:
        root: folder or address that their names start from.
        names: of the files.
        known: for each name, its earlier index entry or None; the entry is reused if the file's sha256 is the same.
        max_pixels: largest width × height; larger photographs count as unreadable.
    """

    root: str
    names: tuple[str, ...]
    known: tuple[Photograph | None, ...]
    max_pixels: int

    def __str__(self) -> str:
        return f"photographs {printable(self.names[0])} to {printable(self.names[-1])}"


def index_batch(batch: IndexBatch) -> list[Photograph | Unreadable]:
    """Index photographs, in order. Every worker runs this function."""
    return [_index(batch, name, known) for name, known in zip(batch.names, batch.known, strict=True)]


def _index(batch: IndexBatch, name: str, known: Photograph | None) -> Photograph | Unreadable:
    try:
        data = read_photograph(open_store(batch.root), name)
        sha256 = hashlib.sha256(data).hexdigest()
        if known is not None and known.sha256 == sha256 and known.height * known.width <= batch.max_pixels:
            return known
        pixels = decode(data, name, batch.max_pixels)
    except BappsmithError as error:
        return Unreadable(name, str(error))
    height, width = pixels.shape[:2]
    return Photograph(name, sha256, height, width, hashlib.sha256(pixels.tobytes()).hexdigest())
