"""Read single images and judgments of Parquet shards, as if they were files."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER

from .item import SHARD
from .labels import label_bytes
from .parquet import MAX_GROUP_BYTES, PARQUET_ERRORS, has_bounds, shard_schema

_CACHED = 32
"""Number of cached columns of row groups, of about 1 MiB each. Neighbouring rows are usually read in sequence."""


class ParquetReader:
    """Read the shards of a subset, one column of one row group at a time."""

    def __init__(self) -> None:
        self.column = lru_cache(maxsize=_CACHED)(self._read_column)

    def cells(self, shard: Path) -> Iterator[tuple[str, str, ParquetCell]]:
        """Yield (folder, stem, cell) of every image and judgment of a shard.

        Raises:
            BappsmithError: the file is not a Parquet shard of a subset.
        """
        with _open(shard) as file:
            folders = [name for name in file.schema_arrow.names if name != "index"]
            for group in range(file.num_row_groups):
                for row, index in enumerate(_values(file, shard, group, "index")):
                    for folder in folders:
                        yield folder, f"{index:06d}", ParquetCell(self, shard, folder, group, row)

    def _read_column(self, shard: Path, group: int, folder: str) -> list[bytes]:
        with _open(shard) as file:
            if folder in LABEL_FOLDER.values():
                return [label_bytes(value) for value in _values(file, shard, group, folder)]
            return _values(file, shard, group, f"{folder}.bytes")


@dataclass(frozen=True, slots=True)
class ParquetCell:
    """An image or judgment in a Parquet shard.

    Attributes:
        reader: reads and caches the column.
        shard: the Parquet file.
        folder: ref, p0, p1, judge or same.
        group: number of the row group.
        row: position in the row group.
    """

    reader: ParquetReader
    shard: Path
    folder: str
    group: int
    row: int

    def read_bytes(self) -> bytes:
        """Return the content that a single file would have."""
        return self.reader.column(self.shard, self.group, self.folder)[self.row]

    def __str__(self) -> str:
        return f"{self.shard}, {self.folder}, row {self.row} of row group {self.group}"


def _open(shard: Path) -> pq.ParquetFile:
    if not shard.is_file():
        raise BappsmithError(f"{shard}: not a regular file; restore it from a copy")
    try:
        file = pq.ParquetFile(shard)
        known = any(file.schema_arrow.equals(shard_schema(kind)) for kind in IMAGE_FOLDERS)
        names = ", ".join(file.schema_arrow.names)
        bounded = has_bounds(file)
    except PARQUET_ERRORS as error:
        raise _unreadable(shard, error) from error
    problem = ""
    if not known:
        expected = " or ".join(", ".join(shard_schema(kind).names) for kind in IMAGE_FOLDERS)
        problem = f"expected a Parquet shard with columns {expected}, each with its type; found {printable(names, 200)}"
    elif not bounded:
        problem = (
            f"a row group has more than {SHARD} rows or {MAX_GROUP_BYTES:,} bytes; write the file again with smaller "
            "row groups"
        )
    if problem:
        file.close()
        raise BappsmithError(f"{shard}: {problem}")
    return file


def _values(file: pq.ParquetFile, shard: Path, group: int, name: str) -> list[Any]:
    """Read all values of a column in a row group."""
    try:
        table = file.read_row_group(group, columns=[name], use_threads=False)
        values = table.flatten().column(0) if table.num_columns else pa.chunked_array([pa.array([])])
        values.validate()
        complete = len(values) == file.metadata.row_group(group).num_rows and not values.null_count
        column: list[Any] = values.to_pylist()
    except PARQUET_ERRORS as error:
        raise _unreadable(shard, error) from error
    if not complete:
        raise BappsmithError(f"{shard}: column {name} lacks values in row group {group}; restore the file")
    return column


def _unreadable(shard: Path, error: Exception) -> BappsmithError:
    return BappsmithError(f"{shard}: not a readable Parquet file ({printable(str(error), 200)}); restore it")
