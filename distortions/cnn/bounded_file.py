"""Reading a small file that nobody vouches for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Args:
        path: the file.
        limit: in bytes.

    Raises:
        BappsmithError: the file cannot be opened, is no regular file (a pipe would never end), or is larger.
    """
    try:
        # A pipe without a writer would block an ordinary open.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise BappsmithError(f"{path}: not a regular file")
            data = file.read(limit + 1)
    except OSError as error:
        raise BappsmithError(f"{path}: cannot be opened ({error.strerror or error})") from error
    if len(data) > limit:
        raise BappsmithError(
            f"{path}: larger than the {limit:,} bytes that it can have; it is not the file it should be"
        )
    return data
