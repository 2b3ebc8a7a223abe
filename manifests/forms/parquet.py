"""Form parquet: SUBSET/NNNNNN.parquet, one file per shard, in the image format of the Hugging Face Hub.

The columns are index, ref, p0, p1 (each the bytes of a PNG and its path) and judge; for JND index, p0, p1 and same. The
PNGs are the same as in form folders.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.open_table import open_table
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, Kind, SubsetPath
from bappsmith.manifests.store.store import Store

from .item import SHARD, StoredItem
from .labels import label_bytes
from .shard_file import ShardFiles

GROUP_BYTES = 1 << 20
"""Bytes of uncompressed pixels of one image column in a row group. To read one image, this much is read."""
MAX_GROUP_BYTES = 16 << 20
"""Bytes of a row group, before compression. Three images of 1024 px, the largest patch, take 9 MB and form a group."""
PARQUET_ERRORS = (OSError, ValueError, pa.ArrowException)
"""Errors of pyarrow for damaged files. A name that is not UTF-8 gives a ValueError."""
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


class ParquetShards(ShardFiles):
    """One Parquet file per shard; see `Storage`. Equal items give equal bytes."""

    suffix = "parquet"

    def __init__(self, store: Store, subset: SubsetPath, count: int, patch: int) -> None:
        super().__init__(store, subset, count)
        self._group_rows = max(1, GROUP_BYTES // (3 * patch * patch))

    def begin(self) -> None:
        """Do nothing: every file is complete."""

    def _encode(self, items: Sequence[StoredItem]) -> bytes:
        rows = [self._row(item) for item in items]
        sink = pa.BufferOutputStream()
        # PNGs do not compress further. Without compression and dictionaries, bytes do not depend on library versions.
        pq.write_table(
            pa.Table.from_pylist(rows, shard_schema(self._subset.kind)),
            sink,
            row_group_size=self._group_rows,
            compression="NONE",
            use_dictionary=False,
            write_statistics=False,
        )
        return sink.getvalue().to_pybytes()

    def _row(self, item: StoredItem) -> dict[str, Any]:
        images = {f: {"bytes": item.images[f], "path": f"{f}/{item.index:06d}.png"} for f in self._folders}
        (label,) = struct.unpack("<f", (item.label or b"")[-4:])
        return {"index": item.index, **images, self._label: label}

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""
        for shard, members in groupby(indices, lambda index: index // SHARD):
            yield from self._read_shard(shard, members)

    def _read_shard(self, shard: int, indices: Iterable[int]) -> Iterator[StoredItem]:
        try:
            file = open_table(self._store, self._file(shard))
        except (*PARQUET_ERRORS, BappsmithError):
            yield from (StoredItem(index, {}, None, {}) for index in indices)
            return
        with file:
            for group, members in groupby(indices, lambda index: index % SHARD // self._group_rows):
                items = self._read_group(file, group)
                yield from (items.get(index, StoredItem(index, {}, None, {})) for index in members)

    def _read_group(self, file: pq.ParquetFile, group: int) -> dict[int, StoredItem]:
        try:
            if not has_bounds(file) or group >= file.num_row_groups:
                return {}
            columns = ["index", *(f"{folder}.bytes" for folder in self._folders), self._label]
            rows = file.read_row_group(group, columns=columns, use_threads=False).to_pylist()
            return {row["index"]: self._item(row) for row in rows}
        except (*PARQUET_ERRORS, KeyError, TypeError, struct.error):  # the file is damaged, or is another table
            return {}

    def _item(self, row: dict[str, Any]) -> StoredItem:
        images = {folder: bytes(row[folder]["bytes"]) for folder in self._folders}
        return StoredItem(row["index"], images, label_bytes(row[self._label]), {})


def shard_schema(kind: Kind) -> pa.Schema:
    """Return the columns of a shard. The metadata tell `datasets` and the Hub's viewer which columns are images."""
    images, label = IMAGE_FOLDERS[kind], LABEL_FOLDER[kind]
    features: dict[str, dict[str, str]] = {
        "index": {"dtype": "int32", "_type": "Value"},
        **{folder: {"_type": "Image"} for folder in images},
        label: {"dtype": "float32", "_type": "Value"},
    }
    return pa.schema(
        [("index", pa.int32()), *((folder, _IMAGE) for folder in images), (label, pa.float32())],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


def has_bounds(file: pq.ParquetFile) -> bool:
    """Whether all row groups are within the limits of a shard, so that reading one takes bounded memory.

    The metadata of columns are not read: pyarrow aborts the process if they are damaged.
    """
    groups = [file.metadata.row_group(k) for k in range(file.num_row_groups)]
    return all(group.num_rows <= SHARD and group.total_byte_size <= MAX_GROUP_BYTES for group in groups)
