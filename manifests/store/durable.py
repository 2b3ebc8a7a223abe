"""Make written files survive a power cut. Without this, a renamed file may be empty afterwards."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any


def sync_file_system(folder: Path) -> None:
    """Flush the whole file system that holds a folder to the disk: one call for thousands of files.

    To sync every file by itself costs several times as much as writing it.

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
    """Flush one file, and the folder that names it, to the disk.

    Raises:
        OSError: the disk reports an error.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if os.name != "posix":  # other systems cannot open folders
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> Any:
    """Find syncfs(2) of Linux, which Python's os module lacks; return None on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "syncfs", None)
