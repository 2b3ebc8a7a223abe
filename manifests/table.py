"""The tables of a dataset: manifests (what every item is) and labellings (how it was judged), as Parquet files."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import BappsmithError
from .schema.subset_path import IMAGE_FOLDERS, SubsetPath
from .sealed_json import DamagedError
from .store.store import Store

_PLAN = [
    ("index", pa.int32()),
    ("photo", pa.string()),
    ("photo_sha256", pa.string()),
    ("crops", pa.string()),
    ("crop", pa.int16()),
    ("patch", pa.int16()),
    ("flat_below", pa.float64()),
    ("operators0", pa.string()),
    ("operators1", pa.string()),
    ("severity0", pa.float64()),
    ("severity1", pa.float64()),
    ("chain0", pa.string()),
    ("chain1", pa.string()),
    ("origin", pa.string()),
]
_JUDGMENT = [("judgment", pa.float64()), ("votes", pa.int32()), ("judge", pa.string())]


def manifest_schema(subset: SubsetPath) -> pa.Schema:
    """Columns of a manifest: the plan, the crop that was taken, and hashes of files and pixels.

    `origin` is empty, or where the item was first made: [fingerprint, subset, index] as JSON.

    `file_*` is the sha256 of the image file, the same in the same environment, and `size_*` its bytes (both null for
    images that are stored packed); `pixels_*` is the sha256 of the decoded bytes (height × width × 3, RGB), the same on
    every machine.
    """
    images = IMAGE_FOLDERS[subset.kind]
    return pa.schema(
        [
            *_PLAN,
            *((f"file_{folder}", pa.binary(32)) for folder in images),
            *((f"size_{folder}", pa.int32()) for folder in images),
            *((f"pixels_{folder}", pa.binary(32)) for folder in images),
        ]
    )


LABEL_SCHEMA = pa.schema([("index", pa.int32()), *_JUDGMENT])
"""Columns of a labelling: position in the subset; share of votes (2AFC: for p1, JND: for "the same"); number of votes, 0
where a rule judged; who judged, and from what, as JSON."""


def entry_schema(subset: SubsetPath) -> pa.Schema:
    """Columns of a shard's entry in the work log: those of manifest and labelling together."""
    return pa.schema([*manifest_schema(subset), *_JUDGMENT])


def flat_name(subset: SubsetPath) -> str:
    """A subset's name without slashes."""
    return f"{subset.kind}-{subset.split}-{subset.name}"


def manifest_name(subset: SubsetPath) -> str:
    """Name of a sealed subset's manifest."""
    return f"manifest/{flat_name(subset)}.parquet"


def labels_name(subset: SubsetPath, labelling: str) -> str:
    """Name of a subset's table of judgments."""
    return f"labels/{labelling}/{flat_name(subset)}.parquet"


def open_table(store: Store, name: str) -> pq.ParquetFile:
    """A Parquet file, without Python's own buffers.

    Arrow's threads let go of Python's buffers late, and a process that ends meanwhile is aborted (pyarrow 26).

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is not a Parquet file.
    """
    with _told_as_damaged(f"{store.root}/{name}"):
        if store.folder is not None:
            return pq.ParquetFile(store.folder / name)
        copy = pa.BufferOutputStream()
        copy.write(store.read(name))
        return pq.ParquetFile(pa.BufferReader(copy.getvalue()))


class TableFile:
    """A table, opened for reading. It can be read once, and is closed then.

    Args:
        store: of the dataset.
        name: of the file.
        schema: columns that it must have.

    Attributes:
        metadata: keys and values that it was written with.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is no Parquet file, or has other columns.
    """

    def __init__(self, store: Store, name: str, schema: pa.Schema) -> None:
        self._where = f"{store.root}/{name}"
        self._file = open_table(store, name)
        with self._file_closed_on_error(), _told_as_damaged(self._where):
            there = self._file.schema_arrow
            for field in schema:
                if there.names.count(field.name) != 1 or there.field(field.name).type != field.type:
                    raise self._damaged(f"no column {field.name} of type {field.type}")
            self.metadata: dict[bytes, bytes] = dict(there.metadata or {})
        self._names = list(schema.names)

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows, of all columns or some.

        Raises:
            DamagedError: a row cannot be read, or lacks a value.
        """
        with self._file, _told_as_damaged(self._where):
            table = self._file.read(columns=self._names if columns is None else list(columns), use_threads=False)
            self._check(table, len(self))
            return table

    def iterate(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """All rows, some thousands of them in memory at a time; raises as `read` does."""
        names, rows = self._names if columns is None else list(columns), 0
        with self._file, _told_as_damaged(self._where):
            for batch in self._file.iter_batches(columns=names, use_threads=False):
                self._check(batch, batch.num_rows)
                rows += batch.num_rows
                yield from batch.to_pylist()
            if rows != len(self):
                raise self._damaged(f"{rows} rows in place of {len(self)}")

    def take(self, indices: Sequence[int], what: object) -> list[dict[str, Any]]:
        """Some rows, in the order asked for: only the row groups that hold them are read, each once.

        Raises:
            BappsmithError: there is no such index; `what` names the table. Or as `read` does.
        """
        with self._file, _told_as_damaged(self._where):
            counts = [self._file.metadata.row_group(k).num_rows for k in range(self._file.num_row_groups)]
            ends = list(accumulate(counts))
            positions: dict[int, list[int]] = {}
            for position, index in enumerate(indices):
                if not 0 <= index < len(self):
                    raise BappsmithError(f"{what} holds indices 0 to {len(self) - 1}, asked for {index}")
                positions.setdefault(bisect_right(ends, index), []).append(position)
            rows: dict[int, dict[str, Any]] = {}
            for group, members in positions.items():
                if group == len(counts):
                    raise self._damaged("rows are missing")
                first = ends[group] - counts[group]
                table = self._file.read_row_group(group, columns=self._names, use_threads=False)
                self._check(table, counts[group])
                few = table.take(pa.array([indices[position] - first for position in members])).to_pylist()
                rows.update(zip(members, few, strict=True))
        return [rows[position] for position in range(len(indices))]

    def _check(self, rows: pa.Table | pa.RecordBatch, count: int) -> None:
        if rows.num_rows != count:
            raise self._damaged(f"{rows.num_rows} rows in place of {count}")
        for name in rows.schema.names:
            if not name.startswith(_NULLABLE) and rows[name].null_count:
                raise self._damaged(f"a row has no {name}")

    def _damaged(self, how: str) -> DamagedError:
        return DamagedError(f"{self._where} is damaged ({how}); restore it from a copy")

    @contextmanager
    def _file_closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            self._file.close()
            raise


_NULLABLE = ("origin", "file_", "size_")
"""Starts of the names of columns that may be empty."""


@contextmanager
def _told_as_damaged(where: str) -> Iterator[None]:
    """Raise what pyarrow raises of damaged files as a DamagedError."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the system
            raise
        raise DamagedError(
            f"{where} is damaged ({' '.join(str(error).split())[:200]}); restore it from a copy"
        ) from error
