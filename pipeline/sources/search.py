"""Find all files below a folder; links to folders are followed."""

from __future__ import annotations

import os
import stat
from collections import deque
from pathlib import Path

Stamps = dict[str, str | None]
"""Name of a file → text that changes with its content (size and time of change); None: unknown."""


def search_folder(root: Path) -> tuple[Stamps, list[tuple[str, str]]]:
    """Find the files below a folder; names that start with a dot are left out.

    Links to folders are followed. Every folder is searched once, so loops end. A folder below `root` keeps its own
    name; another folder gets the name of the first link to it.

    Returns:
        The files' stamps by name, and (name, reason) of folders that cannot be searched. Names are paths below `root`,
        with forward slashes.
    """
    stamps: Stamps = {}
    closed: list[tuple[str, str]] = []
    searched: set[tuple[int, int]] = set()
    links = deque([""])
    while links:
        folders = [links.popleft()]
        while folders:
            folder = folders.pop()
            path = root / folder
            try:
                status = path.stat()
                if (status.st_dev, status.st_ino) in searched:
                    continue
                searched.add((status.st_dev, status.st_ino))
                with os.scandir(path) as entries:
                    ordered = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
            except OSError as error:
                closed.append((folder, error.strerror or str(error)))
                continue
            for entry in ordered:
                name = f"{folder}/{entry.name}" if folder else entry.name
                if not _is_folder(entry):
                    stamps[name] = stamp(Path(entry.path))
                elif entry.is_symlink():
                    links.append(name)
                else:
                    folders.append(name)
    return stamps, closed


def stamp(path: Path) -> str | None:
    """Return size and time of change of a file, as text; None if it is not a regular file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return f"{status.st_size}:{status.st_mtime_ns}" if stat.S_ISREG(status.st_mode) else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
