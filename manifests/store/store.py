"""Files by name: what is asked of the folder or address where a dataset stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol

WORK = ".bappsmith"
"""Folder of the work log while something is made; what is half written stands there too."""


class Store(Protocol):
    """What is asked of it; names are paths below it, with forward slashes."""

    root: str

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one."""
        ...

    def read(self, name: str) -> bytes:
        """The content of a file; FileNotFoundError where there is none."""
        ...

    def open(self, name: str) -> BufferedIOBase:
        """A file, to read parts of it; FileNotFoundError where there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file; under its name it is whole or not there."""
        ...

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write a file under, which gets its name at the end of the `with` block."""
        ...

    def size(self, name: str) -> int:
        """Bytes of a file; FileNotFoundError where there is none."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""
        ...

    def files(self, below: str = "") -> Iterator[str]:
        """Names of all files below a folder, in no order; links to folders are named and not followed."""
        ...

    def empty_folders(self) -> Iterator[str]:
        """Names of folders that hold nothing; an object store has none."""
        ...

    def sync(self) -> None:
        """Return when everything written so far survives a power cut."""
        ...

    def write_durable(self, name: str, data: bytes) -> None:
        """Write a file as `write` does; it survives a power cut from then on."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it; nothing happens where there is none."""
        ...
