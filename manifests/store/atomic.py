"""Files that are whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NO_RENAME = {errno.EXDEV, errno.EPERM, errno.ENOSYS, errno.ENOTSUP}
"""What file systems that cannot rename a file answer, such as some that are mounted from object stores."""


@contextmanager
def atomic_write(path: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield another name to write a file under; at the end of the `with` block the file gets its own name.

    After an error the other file is removed.

    Args:
        path: the file's name; one that is there already is replaced.
        scratch: folder of the other name, on the same file system; default: the file's own.
    """
    partial = (scratch or path.parent) / f"{path.name}.{uuid.uuid4().hex}.partial"
    try:
        yield partial
        replace_file(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def remove_partials(path: Path) -> None:
    """Remove what runs that were killed in `atomic_write` left of a file. Call it only while no other run writes it."""
    pattern = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{32}}\.partial")
    for entry in path.parent.iterdir() if path.parent.is_dir() else ():
        if pattern.fullmatch(entry.name):
            entry.unlink(missing_ok=True)


def replace_file(partial: str | Path, path: str | Path) -> None:
    """Give a file another name, in place of what has it.

    Where the file system cannot rename, the file is copied: a run that is killed meanwhile leaves a part of it, and its
    hash shows that.
    """
    try:
        os.replace(partial, path)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        shutil.copyfile(partial, path)
        os.unlink(partial)


def atomic_write_bytes(path: Path, data: bytes, scratch: Path | None = None) -> None:
    """Write a whole file, or none; see `atomic_write`."""
    with atomic_write(path, scratch) as partial:
        partial.write_bytes(data)


def sha256_file(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
