"""The tables of a dataset: manifests (what every item is) and labellings (how it was judged), as Parquet files."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import BappsmithError
from .schema.subset_path import IMAGE_FOLDERS, SubsetPath
from .store.regular import NotRegularError, open_regular
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
or 0 if a rule judged; who judged, and from what, as JSON."""


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


def open_table(store: Store, name: str) -> pq.ParquetFile:
    """Open a table without Python buffers.

    Arrow's threads release Python buffers late. A process that ends before that is aborted (pyarrow 26).

    Args:
        store: of the dataset.
        name: of the file.

    Raises:
        FileNotFoundError: there is no such file.
        BappsmithError: it is not a Parquet file, or not a regular file.
    """
    try:
        if store.folder is not None:
            open_regular(store.folder / name).close()  # Arrow would wait for the writer of a pipe
            return pq.ParquetFile(store.folder / name)
        copy = pa.BufferOutputStream()
        copy.write(store.read(name))
        return pq.ParquetFile(pa.BufferReader(copy.getvalue()))
    except NotRegularError as error:
        raise BappsmithError(f"{error}; restore it from a copy") from error
    except pa.ArrowException as error:
        if isinstance(error, OSError):
            raise
        raise BappsmithError(
            f"{store.root}/{name} is damaged ({' '.join(str(error).split())}); restore it from a copy"
        ) from error


def read_table(file: pq.ParquetFile, columns: Sequence[str] | None = None) -> pa.Table:
    """Read all rows of some columns (None: of all columns), and close the file."""
    with file:
        return file.read(columns=None if columns is None else list(columns), use_threads=False)


def iterate_rows(file: pq.ParquetFile, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Read all rows, and close the file. Only some thousand rows are in memory at a time."""
    with file:
        for batch in file.iter_batches(columns=None if columns is None else list(columns), use_threads=False):
            yield from batch.to_pylist()


def take_rows(file: pq.ParquetFile, indices: Sequence[int], what: object) -> list[dict[str, Any]]:
    """Read some rows, and close the file. Only the row groups that hold them are read, each once.

    Args:
        file: of the table.
        indices: positions of rows, from 0, in any order.
        what: name of the table, for the error.

    Returns:
        One dictionary per index, in the order of `indices`.

    Raises:
        BappsmithError: an index is not in the table.
    """
    with file:
        counts = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
        ends = list(accumulate(counts))
        positions: dict[int, list[int]] = {}
        for position, index in enumerate(indices):
            if not 0 <= index < file.metadata.num_rows:
                raise BappsmithError(f"{what} has items 0 to {file.metadata.num_rows - 1}, asked for item {index}")
            positions.setdefault(bisect_right(ends, index), []).append(position)
        rows: dict[int, dict[str, Any]] = {}
        for group, members in positions.items():
            first = ends[group] - counts[group]
            table = file.read_row_group(group, use_threads=False)
            group_rows = table.take(pa.array([indices[position] - first for position in members])).to_pylist()
            rows.update(zip(members, group_rows, strict=True))
    return [rows[position] for position in range(len(indices))]
