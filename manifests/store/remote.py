"""Files of an object store or server, through fsspec."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from bappsmith.manifests.errors import BappsmithError


class RemoteStore:
    """Files of an object store or server, through fsspec; see `Store`. A file appears there when it is complete."""

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
        """See `Store`."""
        return cast(bytes, self._files.cat_file(f"{self._path}/{name}"))

    def open(self, name: str, block: int | None = None) -> BufferedIOBase:
        """See `Store`."""
        return cast(BufferedIOBase, self._files.open(f"{self._path}/{name}", "rb", block_size=block))

    def write(self, name: str, data: bytes) -> None:
        """See `Store`."""
        self._make_parent(name)
        self._files.pipe_file(f"{self._path}/{name}", data)

    @contextmanager
    def writing(self, name: str) -> Generator[Path]:
        """See `Store`."""
        with tempfile.TemporaryDirectory() as scratch:
            partial = Path(scratch, Path(name).name)
            yield partial
            self._make_parent(name)
            self._files.put_file(str(partial), f"{self._path}/{name}")

    def stamp(self, name: str) -> str | None:
        """See `Store`."""
        self._files.invalidate_cache()
        return _stamp(self._files.info(f"{self._path}/{name}"))

    def size(self, name: str) -> int:
        """See `Store`."""
        return int(self._files.size(f"{self._path}/{name}"))

    def exists(self, name: str) -> bool:
        """See `Store`."""
        self._files.invalidate_cache()
        return bool(self._files.isfile(f"{self._path}/{name}"))

    def files(self, below: str = "") -> Iterator[str]:
        """See `Store`."""
        self._files.invalidate_cache()
        top = f"{self._path}/{below}".rstrip("/")
        start = len(self._path.strip("/")) + 1
        for path in self._files.find(top):
            yield str(path).strip("/")[start:]

    def empty_folders(self) -> Iterator[str]:
        """See `Store`."""
        return iter(())

    def sync(self) -> None:
        """Do nothing: an object store keeps what it acknowledged."""

    def write_durable(self, name: str, data: bytes) -> None:
        """See `Store`."""
        self.write(name, data)

    def stamps(self) -> Iterator[tuple[str, str | None]]:
        """Yield (name, stamp) of every file; see `stamp`."""
        self._files.invalidate_cache()
        start = len(self._path.strip("/")) + 1
        for path, facts in self._files.find(self._path, detail=True).items():
            yield str(path).strip("/")[start:], _stamp(facts)

    def remove(self, name: str) -> None:
        """See `Store`."""
        with suppress(FileNotFoundError):
            self._files.rm(f"{self._path}/{name}", recursive=True)

    def _make_parent(self, name: str) -> None:
        # Object stores have no folders; other systems do.
        self._files.makedirs(f"{self._path}/{name}".rsplit("/", 1)[0], exist_ok=True)


def _stamp(facts: Mapping[str, object]) -> str | None:
    marks = (facts.get(key) for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "updated"))
    mark = next((mark for mark in marks if mark), None)
    return f"{facts.get('size')}:{mark}" if mark else None
