"""Hash a file of a store."""

from __future__ import annotations

import hashlib

from .store import Store


def sha256_stored(store: Store, name: str) -> str:
    """Compute the sha256 of a file of a store, hex. It is read in parts.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with store.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
