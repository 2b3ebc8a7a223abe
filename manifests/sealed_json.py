"""Read and write JSON files that carry their own hash, so that every change is noticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

from .errors import BappsmithError
from .plain_text import printable
from .store.store import Store

_HASH = "sha256_of_the_rest"
LARGEST = 1 << 30
"""Bytes; a larger file is refused before it is read. The seal of a million tar shards takes a tenth of this."""


class DamagedError(BappsmithError):
    """A file exists, but its content is not what was written."""


def sealed_bytes(data: dict[str, Any]) -> bytes:
    """Encode data as JSON text with a hash of all other keys."""
    return (json.dumps({**data, _HASH: _digest(data)}, indent=1, ensure_ascii=False) + "\n").encode()


def read_sealed(store: Store, name: str) -> dict[str, Any]:
    """Read a file that `sealed_bytes` encoded.

    Args:
        store: of the file.
        name: of the file, below the store.

    Returns:
        JSON values, without the hash.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedError: the file is larger than `LARGEST`, is not JSON, or its hash does not match.
    """
    where = f"{store.root}/{name}"
    try:
        size = store.size(name)
        if size > LARGEST:
            raise DamagedError(f"{where} is damaged ({size:,} bytes, at most {LARGEST:,} are read)")
        encoded = store.read(name)
        content: object = json.loads(encoded)
        if b"\\u" in encoded:  # written by others: half a character cannot be written again
            json.dumps(content, ensure_ascii=False).encode()
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{where} is damaged ({printable(str(error), 200)})") from error
    if not isinstance(content, dict):
        raise DamagedError(f"{where} is damaged (it is not a JSON object)")
    data = cast("dict[str, Any]", content)
    digest = data.pop(_HASH, None)
    if digest != _digest(data):
        raise DamagedError(f"{where} is damaged or was changed (its own hash does not match)")
    return data


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
