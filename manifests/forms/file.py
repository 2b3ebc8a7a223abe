"""Read a single file, or a file inside a shard, up to a size limit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.regular import NotRegularError, open_regular


class Cell(Protocol):
    """A file that is a value of a table. Its text form is its name in messages."""

    def read_bytes(self) -> bytes:
        """Return the content."""
        ...


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file in a tar shard.

    Attributes:
        archive: the tar file.
        name: of the member.
        offset: position of the content in the archive, bytes.
        size: bytes.
    """

    archive: Path
    name: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


File: TypeAlias = Path | TarMember | Cell
"""A single file, or a file in a shard; see `read_file`."""


def read_file(file: File, limit: int) -> bytes:
    """Read the content of a file.

    Args:
        file: the file.
        limit: largest size, bytes. A larger file is refused, if possible before it is read.

    Raises:
        BappsmithError: the file is not a regular file, is larger than the limit, or its archive ends too early.
        OSError: the file cannot be read.
    """
    if not isinstance(file, Path | TarMember):
        content = file.read_bytes()
        _refuse_larger(file, len(content), limit)
        return content
    try:
        opened = open_regular(file.archive if isinstance(file, TarMember) else file)
    except NotRegularError as error:
        raise BappsmithError(
            f"{file}: not a regular file (but a device, pipe or folder); remove it, or give a file"
        ) from error
    with opened as stream:
        size = os.fstat(stream.fileno()).st_size
        if isinstance(file, TarMember):
            if file.offset + file.size > size:
                raise BappsmithError(f"{file}: the archive ends before the end of the file; restore the archive")
            stream.seek(file.offset)
            size = file.size
        _refuse_larger(file, size, limit)
        data = bytearray()
        while len(data) < size and (piece := stream.read(size - len(data))):
            data += piece
    return bytes(data)


def _refuse_larger(file: File, size: int, limit: int) -> None:
    if size > limit:
        raise BappsmithError(f"{file}: the file has {size:,} bytes, at most {limit:,} are allowed; remove the file")
