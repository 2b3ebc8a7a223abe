"""A file of its own, or one inside a shard, read within a limit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.regular import NotRegularError, open_regular


class Cell(Protocol):
    """A file that is a value of a table. As text it is the name for messages."""

    def read_bytes(self) -> bytes:
        """Its content."""
        ...


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file in a tar shard."""

    archive: Path
    name: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


File: TypeAlias = Path | TarMember | Cell
"""A file of its own, or one in a shard; `read_file` reads all."""


def read_file(file: File, limit: int) -> bytes:
    """The content of a file.

    Args:
        file: what to read.
        limit: largest size in bytes; a larger file is refused, and not read where its size is known before.

    Raises:
        BappsmithError: it is no regular file, larger than the limit, or it ends too early.
        OSError: it cannot be read.
    """
    if not isinstance(file, Path | TarMember):
        content = file.read_bytes()
        _refuse_larger(file, len(content), limit)
        return content
    try:
        opened = open_regular(file.archive if isinstance(file, TarMember) else file)
    except NotRegularError as error:
        raise BappsmithError(
            f"{file}: not a regular file (a device, a pipe or a folder); remove it, or give a file"
        ) from error
    with opened as stream:
        size = os.fstat(stream.fileno()).st_size
        if isinstance(file, TarMember):
            if file.offset + file.size > size:
                raise BappsmithError(f"{file}: the archive ends before the file does; restore the archive")
            stream.seek(file.offset)
            size = file.size
        _refuse_larger(file, size, limit)
        data = bytearray()
        while len(data) < size and (piece := stream.read(size - len(data))):
            data += piece
    return bytes(data)


def _refuse_larger(file: File, size: int, limit: int) -> None:
    if size > limit:
        raise BappsmithError(f"{file}: {size:,} bytes are too many, at most {limit:,} are read; remove the file")
