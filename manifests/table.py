"""The manifest as a table: its columns, and Parquet files of them in a store."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.store import Store

from .errors import BappsmithError


def schema(subset: SubsetPath) -> pa.Schema:
    """Columns of a manifest: the record, the crop that was taken, and hashes of files and pixels.

    `origin` is empty, or where the item was first made: [fingerprint, subset, index] as JSON.

    `file_*` is the sha256 of the file, the same in the same environment (empty for images that are stored packed);
    `pixels_*` the sha256 of the decoded bytes (height × width × 3, RGB), the same on every machine.
    """
    folders = subset.folders
    images = [f for f in folders if f != LABEL_FOLDER[subset.kind]]
    return pa.schema(
        [
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
            ("judgment", pa.float64()),
            ("judge", pa.string()),
            ("origin", pa.string()),
            *((f"file_{folder}", pa.binary(32)) for folder in folders),
            *((f"pixels_{folder}", pa.binary(32)) for folder in images),
        ]
    )


def stored_columns(subset: SubsetPath, encoded: bool) -> list[str]:
    """Columns of a manifest that hold the hashes of what is stored: of files, or of packed pixels and the judgment."""
    label = LABEL_FOLDER[subset.kind]
    images = [folder for folder in subset.folders if folder != label]
    return [*(f"{'file' if encoded else 'pixels'}_{folder}" for folder in images), f"file_{label}"]


def flat_name(subset: SubsetPath) -> str:
    """A subset's name without slashes."""
    return f"{subset.kind}-{subset.split}-{subset.name}"


def manifest_name(subset: SubsetPath) -> str:
    """Name of a sealed subset's table."""
    return f"manifest/{flat_name(subset)}.parquet"


def open_table(store: Store, name: str) -> pq.ParquetFile:
    """A table's file, without Python's own buffers: Arrow's threads let go of these late, and a process that ends
    meanwhile is aborted (pyarrow 26).

    Raises:
        FileNotFoundError: there is none.
    """
    if store.folder is not None:
        return pq.ParquetFile(store.folder / name)
    copy = pa.BufferOutputStream()
    copy.write(store.read(name))
    return pq.ParquetFile(pa.BufferReader(copy.getvalue()))


def read_table(file: pq.ParquetFile, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows, of all columns or some; the file is closed."""
    with file:
        return file.read(columns=None if columns is None else list(columns), use_threads=False)


def iterate_rows(file: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    """All rows, some thousands of them in memory at a time; the file is closed."""
    with file:
        for batch in file.iter_batches(use_threads=False):
            yield from batch.to_pylist()


def take_rows(file: pq.ParquetFile, indices: Sequence[int], what: object) -> list[dict[str, Any]]:
    """Some rows, in the order asked for: of a million, only the groups that hold them are read. The file is closed.

    Raises:
        BappsmithError: there is no such index; `what` names the table.
    """
    rows = []
    with file:
        groups = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
        ends = list(accumulate(groups))
        for index in indices:
            if not 0 <= index < file.metadata.num_rows:
                raise BappsmithError(f"{what} holds indices 0 to {file.metadata.num_rows - 1}, asked for {index}")
            group = bisect_right(ends, index)
            place = index - (ends[group] - groups[group])
            rows += file.read_row_group(group, use_threads=False).slice(place, 1).to_pylist()
    return rows
