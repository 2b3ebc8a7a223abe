"""JSON files that carry a hash of themselves, so that any change of them shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .errors import BappsmithError
from .store.store import Store

_HASH = "sha256_of_the_rest"
LARGEST = 1 << 30
"""Bytes; a larger file is refused before it is read. The seal of a million tar shards has a tenth of this."""


class DamagedError(BappsmithError):
    """A file is there, but it is not as it was written."""


def sealed_bytes(data: dict[str, Any]) -> bytes:
    """The content of a file: JSON with a hash of everything else in it."""
    return (json.dumps({**data, _HASH: _digest(data)}, indent=1, ensure_ascii=False) + "\n").encode()


def read_sealed(store: Store, name: str) -> dict[str, Any]:
    """The data of a file that `sealed_bytes` made.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is no such file, or was changed.
    """
    where = f"{store.root}/{name}"
    try:
        size = store.size(name)
        if size > LARGEST:
            raise DamagedError(f"{where} is damaged ({size:,} bytes, at most {LARGEST:,} are read)")
        data = json.loads(store.read(name))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{where} is damaged ({' '.join(str(error).split())})") from error
    if not isinstance(data, dict):
        raise DamagedError(f"{where} is damaged (no JSON object)")
    digest = data.pop(_HASH, None)
    if digest != _digest(data):
        raise DamagedError(f"{where} is damaged or was changed (the hash of itself does not fit)")
    return data


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
