"""Tables at an address: what is asked for to read some rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, ClassVar

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from bappsmith.manifests.open_table import BLOCK
from bappsmith.manifests.sealed_json import DamagedError
from bappsmith.manifests.store.remote import RemoteStore
from bappsmith.manifests.table import TableFile

GROUPS, ROWS = 64, 512
SCHEMA = pa.schema([("index", pa.int64()), ("noise", pa.binary(300))])


class Elsewhere(AbstractFileSystem):
    """Files of a system elsewhere, which tells what is asked for."""

    protocol = "elsewhere"
    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[tuple[int, int]]] = []

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        name = self._strip_protocol(path)
        if name not in self.files:
            raise FileNotFoundError(name)
        mark = hashlib.sha256(self.files[name]).hexdigest()
        return {"name": name, "size": len(self.files[name]), "type": "file", "ETag": mark}

    def _open(self, path: str, mode: str = "rb", block_size: Any = "default", **_: Any) -> AbstractBufferedFile:
        return ElsewhereFile(self, path, mode, block_size=block_size or "default")


class ElsewhereFile(AbstractBufferedFile):
    def _fetch_range(self, start: int, end: int) -> bytes:
        self.fs.asked.append((start, end))
        return self.fs.files[self.path][start:end]


@pytest.fixture
def elsewhere() -> Iterator[type[Elsewhere]]:
    fsspec.register_implementation("elsewhere", Elsewhere, clobber=True)
    Elsewhere.files["data/t.parquet"] = table(1)
    yield Elsewhere
    Elsewhere.files.clear()
    Elsewhere.asked.clear()


def table(factor: int) -> bytes:
    count = GROUPS * ROWS
    noise = [row.tobytes() for row in np.random.default_rng(0).integers(0, 256, (count, 300), np.uint8)]
    rows = pa.table({"index": np.arange(count) * factor, "noise": pa.array(noise, pa.binary(300))}, SCHEMA)
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, row_group_size=ROWS)
    return sink.getvalue().to_pybytes()


def take(indices: list[int]) -> list[int]:
    rows = TableFile(RemoteStore("elsewhere://data"), "t.parquet", SCHEMA, some=True).take(indices, "t")
    return [row["index"] for row in rows]


def test_rows_of_one_shard_after_another_ask_for_these_and_once_for_the_footer(elsewhere: type[Elsewhere]):
    assert take([5]) == [5]
    footers = elsewhere.asked.copy()
    size = len(elsewhere.files["data/t.parquet"])
    assert sum(end - start for start, end in footers) < size / 8
    for shard in range(1, 5):
        elsewhere.asked.clear()
        indices = [shard * ROWS + 7, shard * ROWS]
        assert take(indices) == indices
        assert 1 <= len(elsewhere.asked) <= 2
        assert sum(end - start for start, end in elsewhere.asked) <= 2 * BLOCK
        assert all(end < size - 1 for _, end in elsewhere.asked), "the footer was read again"


def test_a_table_that_changes_is_read_anew(elsewhere: type[Elsewhere]):
    assert take([ROWS]) == [ROWS]
    elsewhere.files["data/t.parquet"] = table(3)
    assert take([ROWS]) == [3 * ROWS]
    elsewhere.files["data/t.parquet"] = b"PAR1" * 100
    with pytest.raises(DamagedError, match=r"elsewhere://data/t\.parquet is damaged .*restore it from a copy"):
        take([ROWS])
    del elsewhere.files["data/t.parquet"]
    with pytest.raises(FileNotFoundError):
        take([ROWS])
