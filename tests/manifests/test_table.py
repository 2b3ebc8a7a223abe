"""Tables: some rows of a large one, in any order."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.open_table import open_table
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_json import DamagedError
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.remote import RemoteStore
from bappsmith.manifests.table import (
    LABEL_SCHEMA,
    TableFile,
    entry_schema,
    labels_name,
    manifest_name,
    manifest_schema,
)

SCHEMA = pa.schema([("index", pa.int64()), ("square", pa.int64())])
GROUPS = (3, 1, 4)
"""Rows of each row group."""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    """t.parquet: eight rows (index, square) in three row groups."""
    root = tmp_path_factory.mktemp("table")
    rows = [{"index": index, "square": index**2} for index in range(sum(GROUPS))]
    whole = pa.Table.from_pylist(rows, SCHEMA)
    with pq.ParquetWriter(root / "t.parquet", whole.schema) as writer:
        for start, count in zip((0, 3, 4), GROUPS, strict=True):
            writer.write_table(whole.slice(start, count))
    assert pq.ParquetFile(root / "t.parquet").num_row_groups == 3
    return LocalStore(root)


def take(store: LocalStore | RemoteStore, indices: list[int]) -> list[dict[str, int]]:
    return TableFile(store, "t.parquet", SCHEMA, some=True).take(indices, "2afc/train/a")


@given(indices=st.lists(st.integers(0, 7), max_size=20))
def test_rows_come_in_the_order_asked_for(table: LocalStore, indices: list[int]):
    assert take(table, indices) == [{"index": index, "square": index**2} for index in indices]


@pytest.mark.parametrize("index", [-1, 8, 10**9])
def test_an_index_that_is_not_there_is_named(table: LocalStore, index: int):
    with pytest.raises(BappsmithError, match=rf"2afc/train/a .* 0 to 7, asked for (item )?{index}"):
        take(table, [0, index])


def test_only_the_row_groups_that_hold_them_are_read_each_once(table: LocalStore, monkeypatch: pytest.MonkeyPatch):
    groups: list[int] = []
    real = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda self, k, **named: (groups.append(k), real(self, k, **named))[1]
    )
    take(table, [7, 0, 6, 1, 7])
    assert sorted(groups) == [0, 2]


def test_all_rows_and_some_columns(table: LocalStore):
    rows = [{"index": index, "square": index**2} for index in range(8)]
    assert list(TableFile(table, "t.parquet", SCHEMA).iterate()) == rows
    assert list(TableFile(table, "t.parquet", SCHEMA).iterate(["square"])) == [{"square": i**2} for i in range(8)]
    assert TableFile(table, "t.parquet", SCHEMA).read(["index"]).to_pydict() == {"index": list(range(8))}


def test_an_address_is_read_likewise(table: LocalStore):
    memory = fsspec.filesystem("memory")
    try:
        memory.pipe_file("/data/t.parquet", table.read("t.parquet"))
        there = RemoteStore("memory://data")
        assert take(there, [5, 3]) == take(table, [5, 3])
        with pytest.raises(FileNotFoundError):
            open_table(there, "none.parquet")
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_a_table_without_its_columns_is_damaged(table: LocalStore):
    for field in (pa.field("more", pa.int64()), pa.field("square", pa.string())):
        with pytest.raises(DamagedError, match=rf"no column {field.name} of type {field.type}"):
            TableFile(table, "t.parquet", pa.schema([field]))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 9, b"x" * 100])
def test_what_is_no_table_is_one_line(tmp_path: Path, content: bytes):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(BappsmithError, match=r"t\.parquet is damaged .*restore it from a copy") as refused:
        open_table(LocalStore(tmp_path), "t.parquet")
    assert "\n" not in str(refused.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "t.parquet")
    with pytest.raises(BappsmithError, match="is not a regular file"):
        open_table(LocalStore(tmp_path), "t.parquet")
    with pytest.raises(FileNotFoundError):
        open_table(LocalStore(tmp_path), "none.parquet")


def test_names_and_columns():
    train, jnd = SubsetPath.parse("2afc/train/a-b"), SubsetPath.parse("jnd/val/a")
    assert manifest_name(train) == "manifest/2afc-train-a-b.parquet"
    assert labels_name(jnd, "people") == "labels/people/jnd-val-a.parquet"
    assert "file_ref" in manifest_schema(train).names
    assert "file_ref" not in manifest_schema(jnd).names
    assert entry_schema(jnd).names == [*manifest_schema(jnd).names, *LABEL_SCHEMA.names[1:]]


def test_a_labelling_of_an_older_version_is_read(tmp_path: Path):
    old = pa.schema([field for field in LABEL_SCHEMA if field.name not in ("preference", "probability", "dropped")])
    rows = [{"index": k, "judgment": k / 2, "votes": 0, "judge": "{}"} for k in range(3)]
    pq.write_table(pa.Table.from_pylist(rows, old), tmp_path / "t.parquet")
    expected = [{**row, "preference": None, "probability": None, "dropped": ""} for row in rows]
    store = LocalStore(tmp_path)
    assert TableFile(store, "t.parquet", LABEL_SCHEMA).read().to_pylist() == expected
    assert TableFile(store, "t.parquet", LABEL_SCHEMA).take([2, 0], "x") == [expected[2], expected[0]]
