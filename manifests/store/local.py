"""Files in a folder of this machine, or one that is mounted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from .atomic import atomic_write, atomic_write_bytes
from .store import WORK


class LocalStore:
    """A folder of this machine, or one that is mounted."""

    def __init__(self, root: str | Path) -> None:
        self.folder: Path = Path(root)
        self.root = str(root)

    def read(self, name: str) -> bytes:
        """See `Store`."""
        return (self.folder / name).read_bytes()

    def open(self, name: str) -> BufferedIOBase:
        """See `Store`."""
        return (self.folder / name).open("rb")

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write_bytes(path, data, self._scratch())

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """See `Store`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, self._scratch()) as partial:
            yield partial

    def exists(self, name: str) -> bool:
        """See `Store`."""
        return (self.folder / name).is_file()

    def files(self, below: str = "") -> Iterator[str]:
        """See `Store`."""
        top = self.folder / below
        start = len(os.fspath(self.folder)) + 1
        for folder, _, names in os.walk(top):
            within = folder[start:].replace(os.sep, "/")
            yield from (f"{within}/{name}" if within else name for name in names)

    def remove(self, name: str) -> None:
        """See `Store`."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def _scratch(self) -> Path | None:
        work = self.folder / WORK
        return work if work.is_dir() else None
