"""Read the bytes of a photograph: bounded memory, regular files only."""

from __future__ import annotations

import stat

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.store import Store

MAX_BYTES = 4 << 30
"""Largest file that is read, bytes: the limit of classic TIFF, BMP and WebP. Compressed files are smaller."""


def read_photograph(store: Store, name: str) -> bytes:
    """Read the file of a photograph.

    In a folder, only regular files are opened: reading a pipe may wait for ever, and a device may never end.

    Raises:
        BappsmithError: the file cannot be opened, is not a regular file, or is larger than `MAX_BYTES`.
    """
    shown = printable(name)
    try:
        if store.folder is None:
            return store.read(name)
        path = store.folder / name
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BappsmithError(f"photograph {shown}: not a regular file ({_kind(status.st_mode)})")
        if status.st_size > MAX_BYTES:
            raise BappsmithError(f"photograph {shown}: {status.st_size:,} bytes; at most {MAX_BYTES:,} are read")
        with path.open("rb") as stream:
            return stream.read(status.st_size)
    except OSError as error:
        raise BappsmithError(f"photograph {shown}: cannot be opened ({error.strerror or error})") from error
    except MemoryError:
        raise BappsmithError(f"photograph {shown}: too large for the memory of this machine") from None


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "folder"),
        (stat.S_ISFIFO, "named pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISCHR, "character device"),
        (stat.S_ISBLK, "block device"),
    )
    return next((word for is_kind, word in kinds if is_kind(mode)), "special file")
