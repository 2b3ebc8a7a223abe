"""Making written files survive a power cut: a rename without this may leave an empty file under the new name."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any


def sync_file_system(folder: Path) -> None:
    """Write everything that waits in memory to the disk that holds a folder: one call for thousands of files.

    A sync of every file costs several times as much as writing it.

    Raises:
        OSError: the disk reports an error.
    """
    syncfs = _syncfs()
    if syncfs is None:
        if hasattr(os, "sync"):
            os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Write one file to the disk, and the folder that names it.

    Raises:
        OSError: the disk reports an error.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if os.name != "posix":  # folders cannot be opened elsewhere
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> Any:
    """syncfs(2) of Linux, which Python's os module lacks; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "syncfs", None)
