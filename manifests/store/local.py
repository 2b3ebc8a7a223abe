"""Files in a local or mounted folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from .atomic import atomic_write, atomic_write_bytes
from .durable import sync_file, sync_file_system
from .regular import open_regular
from .store import WORK


class LocalStore:
    """A local or mounted folder; see `Store`."""

    def __init__(self, root: str | Path) -> None:
        self.folder: Path = Path(root)
        self.root = str(root)

    def read(self, name: str) -> bytes:
        """See `Store`."""
        with open_regular(self.folder / name) as stream:
            return stream.read()

    def open(self, name: str, block: int | None = None) -> BufferedIOBase:
        """See `Store`; the system has blocks of its own."""
        return open_regular(self.folder / name)

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write_bytes(path, data, self._scratch())

    @contextmanager
    def writing(self, name: str) -> Generator[Path]:
        """See `Store`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, self._scratch()) as partial:
            yield partial

    def stamp(self, name: str) -> str:
        """See `Store`."""
        facts = (self.folder / name).stat()
        return f"{facts.st_ino}:{facts.st_mtime_ns}:{facts.st_size}"

    def size(self, name: str) -> int:
        """See `Store`."""
        return (self.folder / name).stat().st_size

    def exists(self, name: str) -> bool:
        """See `Store`."""
        return (self.folder / name).is_file()

    def files(self, below: str = "") -> Iterator[str]:
        """See `Store`."""
        top = self.folder / below
        start = len(os.fspath(self.folder)) + 1
        for folder, folders, names in os.walk(top):
            within = folder[start:].replace(os.sep, "/")
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            yield from (f"{within}/{name}" if within else name for name in (*names, *links))

    def empty_folders(self) -> Iterator[str]:
        """See `Store`."""
        for folder, folders, names in os.walk(self.folder):
            if not folders and not names and Path(folder) != self.folder:
                yield Path(folder).relative_to(self.folder).as_posix()

    def sync(self) -> None:
        """See `Store`."""
        sync_file_system(self.folder)

    def write_durable(self, name: str, data: bytes) -> None:
        """See `Store`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, self._scratch()) as partial:
            partial.write_bytes(data)
            sync_file(partial)
        sync_file(path)

    def remove(self, name: str) -> None:
        """See `Store`."""
        path = self.folder / name
        if path.is_file():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)

    def _scratch(self) -> Path | None:
        work = self.folder / WORK
        return work if work.is_dir() else None
