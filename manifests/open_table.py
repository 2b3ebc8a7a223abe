"""Open tables: whole, or to read some of their rows."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from .plain_text import printable
from .sealed_json import DamagedError
from .store.open import open_store
from .store.store import Store

FOOTERS = 4
"""Footers that a process keeps: those of a manifest and of some labellings. That of a million items has 7 MB."""
BLOCK = 1 << 18
"""Bytes that are asked for at an address at once; the 512 rows of a shard take 200 kB."""


def open_table(store: Store, name: str) -> pq.ParquetFile:
    """Open a table to read all of it, without Python buffers.

    Arrow's threads release Python buffers late. A process that ends before that is aborted (pyarrow 26).

    Args:
        store: of the dataset.
        name: of the file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedError: it is not a Parquet file, or not a regular file.
    """
    with told_as_damaged(f"{store.root}/{name}"):
        if store.folder is not None:
            store.open(name).close()  # Arrow would wait for the writer of a pipe
            return pq.ParquetFile(store.folder / name)
        copy = pa.BufferOutputStream()
        copy.write(store.read(name))
        return pq.ParquetFile(pa.BufferReader(copy.getvalue()))


def open_rows(store: Store, name: str) -> pq.ParquetFile:
    """Open a table to read some of its row groups, by this thread alone.

    From an address, only these row groups and the footer are read. A footer grows with the table, and workers take
    the rows of one shard after another, so footers are kept in the process until the file changes.

    Args:
        store: of the dataset.
        name: of the file.

    Returns:
        The table. `close(force=True)` closes the file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedError: it is not a Parquet file, or not a regular file.
    """
    with told_as_damaged(f"{store.root}/{name}"):
        stamp = store.stamp(name)
        footer = _footer(store, name) if stamp is None else _kept_footer(store.root, name, stamp)
        if store.folder is not None:
            return pq.ParquetFile(store.folder / name, metadata=footer)
        return pq.ParquetFile(pa.PythonFile(store.open(name, BLOCK), mode="r"), metadata=footer)


def _footer(store: Store, name: str) -> pq.FileMetaData:
    with store.open(name, BLOCK) as stream:
        return pq.read_metadata(stream)


@lru_cache(maxsize=FOOTERS)
def _kept_footer(root: str, name: str, stamp: str) -> pq.FileMetaData:
    """Read a footer once for every stamp, which changes with the file."""
    return _footer(open_store(root), name)


@contextmanager
def told_as_damaged(where: str) -> Generator[None]:
    """Turn the exceptions that pyarrow raises on damaged files into DamagedError, and those of the system as well.

    A missing file stays a FileNotFoundError.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise DamagedError(f"{where} is damaged ({printable(str(error), 200)}); restore it from a copy") from error
