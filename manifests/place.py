"""Where a dataset stands: a folder, or an address that fsspec knows, such as s3://bucket/name."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol, cast

from .errors import BappsmithError
from .files import put_in_place, write_whole

WORK = ".bappsmith"
"""Folder of the books while a dataset is made; what is half written stands there too."""


class Place(Protocol):
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
        """Put a file in place whole."""
        ...

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write a file under, which is put in place at the end of the `with` block."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""
        ...

    def files(self, below: str = "") -> Iterator[str]:
        """Names of all files below a folder, in no order."""
        ...

    def remove(self, name: str) -> None:
        """Remove a folder with all that is in it; nothing happens where there is none."""
        ...


def place_of(root: str | Path) -> Place:
    """The place of that name.

    Raises:
        BappsmithError: an address whose protocol is not known, or needs a package that is not installed.
    """
    return Address(str(root)) if is_address(root) else Folder(root)


def is_address(root: str | Path) -> bool:
    """Whether this is an address, and no folder."""
    return isinstance(root, str) and "://" in root


class Folder:
    """A folder of this machine, or one that is mounted."""

    def __init__(self, root: str | Path) -> None:
        self.folder: Path = Path(root)
        self.root = str(root)

    def read(self, name: str) -> bytes:
        """See `Place`."""
        return (self.folder / name).read_bytes()

    def open(self, name: str) -> BufferedIOBase:
        """See `Place`."""
        return (self.folder / name).open("rb")

    def write(self, name: str, data: bytes) -> None:
        """See `Place`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data, self._scratch())

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """See `Place`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with put_in_place(path, self._scratch()) as partial:
            yield partial

    def exists(self, name: str) -> bool:
        """See `Place`."""
        return (self.folder / name).is_file()

    def files(self, below: str = "") -> Iterator[str]:
        """See `Place`."""
        top = self.folder / below
        start = len(os.fspath(self.folder)) + 1
        for folder, _, names in os.walk(top):
            within = folder[start:].replace(os.sep, "/")
            yield from (f"{within}/{name}" if within else name for name in names)

    def remove(self, name: str) -> None:
        """See `Place`."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def _scratch(self) -> Path | None:
        work = self.folder / WORK
        return work if work.is_dir() else None


class Address:
    """Files of an object store or server, through fsspec. A file appears there when it is whole."""

    folder = None

    def __init__(self, root: str) -> None:
        import fsspec

        self.root = root.rstrip("/")
        try:
            filesystem, path = fsspec.core.url_to_fs(self.root)
        except (ValueError, ImportError) as error:
            raise BappsmithError(f"{root}: {error}") from error
        self._files, self._path = filesystem, str(path)

    def read(self, name: str) -> bytes:
        """See `Place`."""
        return cast(bytes, self._files.cat_file(f"{self._path}/{name}"))

    def open(self, name: str) -> BufferedIOBase:
        """See `Place`."""
        return cast(BufferedIOBase, self._files.open(f"{self._path}/{name}", "rb"))

    def write(self, name: str, data: bytes) -> None:
        """See `Place`."""
        self._make_parent(name)
        self._files.pipe_file(f"{self._path}/{name}", data)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """See `Place`."""
        with tempfile.TemporaryDirectory() as scratch:
            partial = Path(scratch, Path(name).name)
            yield partial
            self._make_parent(name)
            self._files.put_file(str(partial), f"{self._path}/{name}")

    def exists(self, name: str) -> bool:
        """See `Place`."""
        self._files.invalidate_cache()
        return bool(self._files.isfile(f"{self._path}/{name}"))

    def files(self, below: str = "") -> Iterator[str]:
        """See `Place`."""
        self._files.invalidate_cache()
        top = f"{self._path}/{below}".rstrip("/")
        start = len(self._path.strip("/")) + 1
        for found in self._files.find(top):
            yield str(found).strip("/")[start:]

    def remove(self, name: str) -> None:
        """See `Place`."""
        with suppress(FileNotFoundError):
            self._files.rm(f"{self._path}/{name}", recursive=True)

    def _make_parent(self, name: str) -> None:
        # Object stores have no folders; other systems do.
        self._files.makedirs(f"{self._path}/{name}".rsplit("/", 1)[0], exist_ok=True)
