"""Parquet shards: what is written is read, by our reader and by others; what is damaged is named."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms import parquet
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.item import SHARD, StoredItem
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.parquet import ParquetShards, shard_schema
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore

TRAIN, JND = SubsetPath.parse("2afc/train/a"), SubsetPath.parse("jnd/val/a")
PATCH = 64


def item(subset: SubsetPath, index: int) -> StoredItem:
    images = {folder: f"{folder} {index}".encode() * 3 for folder in subset.folders[:-1]}
    return StoredItem(index, images, label_bytes(index % 3 / 3), {})


def fill(root: Path, subset: SubsetPath, count: int) -> ParquetShards:
    stored = ParquetShards(LocalStore(root), subset, count, PATCH)
    for shard in range(-(-count // SHARD)):
        stored.write(shard, [item(subset, i) for i in range(shard * SHARD, min((shard + 1) * SHARD, count))])
    return stored


@pytest.mark.parametrize("subset", [TRAIN, JND])
def test_items_are_read_back_in_any_order(tmp_path: Path, subset: SubsetPath):
    stored = fill(tmp_path, subset, 700)
    indices = [699, 0, 511, 512, 84, 85, 86, 3, 3]
    assert list(stored.read(indices)) == [item(subset, index) for index in indices]
    assert list(stored.read([700])) == [StoredItem(700, {}, None, {})]


@pytest.mark.parametrize("subset", [TRAIN, JND])
def test_the_reader_of_subsets_reads_the_same_bytes(tmp_path: Path, subset: SubsetPath):
    fill(tmp_path, subset, 700)
    assert find_subsets(tmp_path) == [tmp_path / str(subset)]
    found = read_subset(tmp_path / str(subset))
    assert (found.kind, len(found)) == (subset.kind, 700)
    for index, one in enumerate(found):
        expected = item(subset, index)
        images = {f: cell.read_bytes() for f, cell in one.images.items()}
        assert (one.stem, images) == (f"{index:06d}", expected.images)
        assert one.label.read_bytes() == expected.label
    assert found.labels().tolist() == [np.float32(index % 3 / 3) for index in range(700)]


def test_the_columns_are_those_of_the_hub(tmp_path: Path):
    fill(tmp_path, TRAIN, 3)
    table = pq.read_table(tmp_path / str(TRAIN) / "000000.parquet")
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("index", "int32"),
        *((folder, "struct<bytes: binary, path: string>") for folder in ("ref", "p0", "p1")),
        ("judge", "float"),
    ]
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert {name: feature["_type"] for name, feature in features.items()} == {
        "index": "Value", "ref": "Image", "p0": "Image", "p1": "Image", "judge": "Value",
    }  # fmt: skip
    assert table["p1"][2].as_py() == {"bytes": b"p1 2p1 2p1 2", "path": "p1/000002.png"}


def test_the_same_items_give_the_same_bytes_in_row_groups_of_bounded_size(tmp_path: Path):
    fill(tmp_path / "one", TRAIN, SHARD)
    fill(tmp_path / "two", TRAIN, SHARD)
    one, two = (tmp_path / name / str(TRAIN) / "000000.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    groups = pq.read_metadata(one)
    rows = {groups.row_group(k).num_rows * PATCH * PATCH * 3 for k in range(groups.num_row_groups)}
    assert max(rows) <= parquet.GROUP_BYTES
    big = ParquetShards(LocalStore(tmp_path / "big"), TRAIN, 3, 1024)
    big.write(0, [item(TRAIN, index) for index in range(3)])
    assert pq.read_metadata(tmp_path / "big" / str(TRAIN) / "000000.parquet").num_row_groups == 3
    assert list(big.read([2, 0])) == [item(TRAIN, 2), item(TRAIN, 0)]


@pytest.mark.parametrize("index", [0, 100])
def test_a_group_is_read_once_for_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: int):
    fill(tmp_path, TRAIN, SHARD)
    found = read_subset(tmp_path / str(TRAIN))
    read: list[tuple[int, object]] = []
    real = pq.ParquetFile.read_row_group

    def watch(file: pq.ParquetFile, group: int, **options: object) -> pa.Table:
        read.append((group, options["columns"]))
        return real(file, group, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", watch)
    for one in found.items[index : index + 50]:
        one.images["ref"].read_bytes()
    assert read == [(index // 85, ["ref.bytes"])] + [(1, ["ref.bytes"])] * (index == 0 and index + 50 > 85)


def test_names_that_are_its_own(tmp_path: Path):
    stored = ParquetShards(LocalStore(tmp_path), TRAIN, 513, PATCH)
    assert stored.owns("2afc/train/a/000001.parquet")
    for name in ("2afc/train/a/000002.parquet", "2afc/train/b/000000.parquet", "2afc/train/a/x.parquet"):
        assert not stored.owns(name)


def rewrite(path: Path, change: str) -> None:
    table = pq.read_table(path)
    if change == "long":
        table = pa.concat_tables([table] * SHARD)
    elif change == "bomb":  # 32 MiB of zeros in a file of some kilobytes
        row = {**table.slice(0, 1).to_pylist()[0], "p0": {"bytes": bytes(32 << 20), "path": "p0/000000.png"}}
        table = pa.Table.from_pylist([row], table.schema)
    elif change == "other columns":
        table = table.rename_columns(["index", "ref", "p0", "p1", "a\nb"])
    elif change == "other types":
        table = table.set_column(4, "judge", table["judge"].cast(pa.float64()))
    elif change == "empty cells":
        empty = pa.array([None] * len(table), table.schema.field("p0").type)
        table = table.set_column(2, "p0", empty)
    elif change == "twice":
        table = pa.concat_tables([table, table])
    pq.write_table(table, path, compression="zstd")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("long", "a row group has more than 512 rows"),
        ("bomb", "a row group has more than 512 rows or 16,777,216 bytes"),
        ("other columns", r"columns index, ref, p0, p1, judge or .*found index, ref, p0, p1, a\\nb"),
        ("other types", "each with its type"),
        ("empty cells", r"column p0\.bytes lacks values"),
        ("twice", "two files share the stem 000000"),
    ],
)
def test_another_table_is_refused_by_name(tmp_path: Path, change: str, words: str):
    stored = fill(tmp_path, TRAIN, 3)
    path = tmp_path / str(TRAIN) / "000000.parquet"
    rewrite(path, change)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(BappsmithError, match=words) as refused:
        [one.images["p0"].read_bytes() for one in read_subset(tmp_path / str(TRAIN))]
    assert "000000.parquet" in str(refused.value)
    assert str(refused.value).isprintable()
    if change not in ("twice", "other types"):
        assert list(stored.read([0, 1])) == [StoredItem(0, {}, None, {}), StoredItem(1, {}, None, {})]


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4), st.floats(0, 1)
)
@settings(max_examples=100, deadline=None)
def test_a_damaged_shard_gives_items_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]], cut: float
):
    root = tmp_path_factory.getbasetemp() / "damaged"
    stored = fill(root, TRAIN, 5)
    path = root / str(TRAIN) / "000000.parquet"
    data = bytearray(path.read_bytes())
    for where, bits in flips:
        data[int(where * len(data))] ^= bits
    path.write_bytes(data if cut < 0.8 else data[: int(cut * len(data))])
    assert [one.index for one in stored.read(range(5))] == list(range(5))
    problem = ""
    try:
        for one in read_subset(root / str(TRAIN)):
            assert all(isinstance(cell.read_bytes(), bytes) for cell in [*one.images.values(), one.label])
    except BappsmithError as error:
        problem = str(error)
    assert problem.isprintable()


def test_any_reader_of_parquet_finds_the_images(tmp_path: Path):
    pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    images = dict.fromkeys(("ref", "p0", "p1"), stream.getvalue())
    ParquetShards(LocalStore(tmp_path), TRAIN, 1, 8).write(0, [StoredItem(0, images, label_bytes(0.25), {})])
    (row,) = pq.read_table(tmp_path / str(TRAIN) / "000000.parquet").to_pylist()
    assert (np.asarray(Image.open(io.BytesIO(row["p0"]["bytes"]))) == pixels).all()
    assert (row["index"], row["judge"]) == (0, 0.25)
    assert shard_schema("jnd").names == ["index", "p0", "p1", "same"]
