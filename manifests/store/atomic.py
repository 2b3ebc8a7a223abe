"""Write files atomically: a file is complete or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_NO_RENAME = {errno.EXDEV, errno.EPERM, errno.ENOSYS, errno.ENOTSUP}
"""Errors of file systems that cannot rename files, such as some mounted object stores."""


@contextmanager
def atomic_write(path: Path, scratch: Path | None = None) -> Generator[Path]:
    """Yield a temporary path to write to. At the end of the `with` block, the file is renamed to `path`.

    After an error, the temporary file is removed.

    Args:
        path: final path. An existing file is replaced.
        scratch: folder for the temporary file, on the same file system; default: the folder of `path`.
    """
    partial = (scratch or path.parent) / f"{path.name}.{uuid.uuid4().hex}.partial"
    try:
        yield partial
        replace_file(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def remove_partials(path: Path) -> None:
    """Remove temporary files of killed runs; see `atomic_write`. Call it only while no other run writes `path`."""
    pattern = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{32}}\.partial")
    for entry in path.parent.iterdir() if path.parent.is_dir() else ():
        if pattern.fullmatch(entry.name):
            entry.unlink(missing_ok=True)


def replace_file(partial: str | Path, path: str | Path) -> None:
    """Rename a file; replace the file that has the new name.

    If the file system cannot rename, the file is copied. A run that is killed meanwhile leaves an incomplete file. Its
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
    """Write a file atomically; see `atomic_write`."""
    with atomic_write(path, scratch) as partial:
        partial.write_bytes(data)


def sha256_file(path: Path) -> str:
    """Compute the sha256 of a file, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
