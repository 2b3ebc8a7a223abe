"""The tables of a dataset: manifests (what every item is) and labellings (how it was judged), as Parquet files."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import pyarrow as pa

from .errors import BappsmithError
from .open_table import open_rows, open_table, told_as_damaged
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
_JUDGMENT = [
    ("judgment", pa.float64()),
    ("votes", pa.int32()),
    ("judge", pa.string()),
    ("preference", pa.float64()),
    ("probability", pa.float64()),
    ("dropped", pa.string()),
]


ROWS = 8192
"""Rows that are in memory at a time where all are read. As Python objects, a row with its chains takes 3 kB."""


def manifest_schema(subset: SubsetPath) -> pa.Schema:
    """Return the columns of a manifest: the plan, the chosen crop, and hashes of files and pixels.

    - `origin`: where the item was first made, [fingerprint, subset, index] as JSON; empty if in this dataset.
    - `file_*`: sha256 of the image file, and `size_*`, its size in bytes. Both are null in form packed. The hash
      depends on the version of the PNG encoder.
    - `pixels_*`: sha256 of the decoded pixels (height × width × 3, RGB). It is the same on every machine.
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
"""Columns of a labelling: position in the subset; share of votes (2AFC: for p1, JND: for "the same"); number of votes,
or 0 if a rule judged; who judged, and from what, as JSON; signed preference of a judge and probability of one vote,
null if unknown; why the item is not worth a label, or an empty text. See `Labelling`."""


def entry_schema(subset: SubsetPath) -> pa.Schema:
    """Return the columns of a shard's entry in the work log: those of manifest and labelling together."""
    return pa.schema([*manifest_schema(subset), *_JUDGMENT])


def flat_name(subset: SubsetPath) -> str:
    """Return the path of a subset without slashes: KIND-SPLIT-NAME."""
    return f"{subset.kind}-{subset.split}-{subset.name}"


def manifest_name(subset: SubsetPath) -> str:
    """Return the file name of the manifest of a sealed subset."""
    return f"manifest/{flat_name(subset)}.parquet"


def labels_name(subset: SubsetPath, labelling: str) -> str:
    """Return the file name of a labelling of a subset."""
    return f"labels/{labelling}/{flat_name(subset)}.parquet"


class TableFile:
    """A table, opened for reading. It can be read once, and is closed afterwards.

    Args:
        store: of the dataset.
        name: of the file.
        schema: columns that it must have.
        some: whether some rows will be taken, and not all be read; see `open_rows`.

    Attributes:
        metadata: of the file, key → value.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedError: it is not a Parquet file, or lacks a column.
    """

    def __init__(self, store: Store, name: str, schema: pa.Schema, *, some: bool = False) -> None:
        self._where = f"{store.root}/{name}"
        self._file = open_rows(store, name) if some else open_table(store, name)
        with self._file_closed_on_error(), told_as_damaged(self._where):
            there = self._file.schema_arrow
            self._lacking = [field for field in schema if field.name in _ADDED and field.name not in there.names]
            for field in schema:
                if field in self._lacking:
                    continue
                if there.names.count(field.name) != 1 or there.field(field.name).type != field.type:
                    raise self._damaged(f"no column {field.name} of type {field.type}")
            self.metadata: dict[bytes, bytes] = dict(there.metadata or {})
        self._names = [field.name for field in schema if field not in self._lacking]

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read all rows of some columns (None: of the columns of the schema).

        Raises:
            DamagedError: a row cannot be read, or lacks a value.
        """
        with self._reading():
            table = self._file.read(columns=self._names if columns is None else list(columns), use_threads=False)
            self._check(table, len(self))
            return self._complete(table) if columns is None else table

    def iterate(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """Read all rows. Only some thousand rows are in memory at a time. Raises what `read` raises."""
        for batch in self.batches(columns):
            yield from batch.to_pylist()

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Read all rows, some thousand at a time. Raises what `read` raises."""
        names, rows = self._names if columns is None else list(columns), 0
        with self._reading():
            for batch in self._file.iter_batches(ROWS, columns=names, use_threads=False):
                self._check(batch, batch.num_rows)
                rows += batch.num_rows
                yield batch
            if rows != len(self):
                raise self._damaged(f"{rows} rows in place of {len(self)}")

    def take(self, indices: Sequence[int], what: object, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Read some rows. Only the row groups that hold them are read, each once.

        Args:
            indices: positions of rows, from 0, in any order.
            what: name of the table, for the error.
            columns: names of the columns; None: those of the schema.

        Returns:
            One dictionary per index, in the order of `indices`.

        Raises:
            BappsmithError: an index is not in the table; or what `read` raises.
        """
        with self._reading():
            counts = [self._file.metadata.row_group(k).num_rows for k in range(self._file.num_row_groups)]
            ends = list(accumulate(counts))
            positions: dict[int, list[int]] = {}
            for position, index in enumerate(indices):
                if not 0 <= index < len(self):
                    raise BappsmithError(f"{what} has items 0 to {len(self) - 1}, asked for item {index}")
                positions.setdefault(bisect_right(ends, index), []).append(position)
            rows: dict[int, dict[str, Any]] = {}
            for group, members in positions.items():
                if group == len(counts):
                    raise self._damaged("rows are missing")
                first = ends[group] - counts[group]
                names = self._names if columns is None else list(columns)
                table = self._file.read_row_group(group, columns=names, use_threads=False)
                self._check(table, counts[group])
                whole = self._complete(table) if columns is None else table
                few = whole.take(pa.array([indices[position] - first for position in members])).to_pylist()
                rows.update(zip(members, few, strict=True))
        return [rows[position] for position in range(len(indices))]

    def _complete(self, table: pa.Table) -> pa.Table:
        """Append the columns that a table of an older version lacks."""
        for field in self._lacking:
            table = table.append_column(field, pa.array([_ADDED[field.name]] * table.num_rows, field.type))
        return table

    def _check(self, rows: pa.Table | pa.RecordBatch, count: int) -> None:
        if rows.num_rows != count:
            raise self._damaged(f"{rows.num_rows} rows in place of {count}")
        rows.validate(full=True)  # texts are UTF-8, lengths fit
        for name in rows.schema.names:
            if not name.startswith(_NULLABLE) and rows[name].null_count:
                raise self._damaged(f"a row has no {name}")

    def _damaged(self, how: str) -> DamagedError:
        return DamagedError(f"{self._where} is damaged ({how}); restore it from a copy")

    @contextmanager
    def _reading(self) -> Generator[None]:
        try:
            with told_as_damaged(self._where):
                yield
        finally:
            self._file.close(force=True)

    @contextmanager
    def _file_closed_on_error(self) -> Generator[None]:
        try:
            yield
        except Exception:
            self._file.close(force=True)
            raise


_ADDED = {"preference": None, "probability": None, "dropped": ""}
"""Columns that labellings have since version 0.4.0 → their value in an older one."""
_NULLABLE = ("origin", "file_", "size_", "preference", "probability")
"""Starts of the names of columns that may be empty."""
