"""A file of its own, or one inside a shard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class File(Protocol):
    """A file of its own (`Path`), or one in a shard. As text it is the name for messages."""

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

    def read_bytes(self) -> bytes:
        """Its content."""
        with self.archive.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"
