"""Reading a whole file that nobody vouches for, within a bound."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError

from .regular import open_regular


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Args:
        path: the file.
        limit: in bytes.

    Raises:
        BappsmithError: the file cannot be opened, is no regular file, or is larger.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise BappsmithError(f"{path}: cannot be opened ({error.strerror or error})") from error
    if len(data) > limit:
        raise BappsmithError(
            f"{path}: larger than the {limit:,} bytes that it can have; it is not the file it should be"
        )
    return data
