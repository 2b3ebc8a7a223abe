"""The interface to the files of a dataset, in a folder or at an address."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol

WORK = ".bappsmith"
"""Folder of the work log, while work is in progress. Temporary files are here too."""


class Store(Protocol):
    """Files by name. Names are paths below the root, with forward slashes.

    Attributes:
        root: folder or address, as text.
    """

    root: str

    @property
    def folder(self) -> Path | None:
        """The folder; None for an address."""
        ...

    def read(self, name: str) -> bytes:
        """Read a whole file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        ...

    def open(self, name: str, block: int | None = None) -> BufferedIOBase:
        """Open a file to read parts of it.

        Args:
            name: of the file.
            block: number of bytes that a system elsewhere is asked for at least; None: what it does by itself.

        Raises:
            FileNotFoundError: there is no such file.
        """
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file atomically: it is complete or absent."""
        ...

    @contextmanager
    def writing(self, name: str) -> Generator[Path]:
        """Yield a temporary path to write to. At the end of the `with` block, the file gets its name."""
        ...

    def stamp(self, name: str) -> str | None:
        """Return a text that changes with the content of a file; None if the system has none.

        Raises:
            FileNotFoundError: there is no such file.
        """
        ...

    def size(self, name: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            FileNotFoundError: there is no such file.
        """
        ...

    def exists(self, name: str) -> bool:
        """Whether a file of that name exists."""
        ...

    def files(self, below: str = "") -> Iterator[str]:
        """Yield the names of all files below a folder, in no order. Links to folders are yielded, not followed."""
        ...

    def empty_folders(self) -> Iterator[str]:
        """Yield the names of empty folders. An object store has none."""
        ...

    def sync(self) -> None:
        """Make everything written so far survive a power cut."""
        ...

    def write_durable(self, name: str, data: bytes) -> None:
        """Write a file as `write` does, and make it survive a power cut."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with its content, if it exists."""
        ...
