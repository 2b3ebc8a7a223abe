"""Files of selections."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bappsmith.annotation.selection import selection_file
from bappsmith.annotation.selection.selection_file import Selection, read_selection, write_selection
from bappsmith.manifests.errors import BappsmithError

SELECTION = Selection(
    ("2afc/val/a", "2afc/val/a", "2afc/val/b"),
    np.array([4, 1, 0]),
    np.array([0.1 + 0.2, 1.0, 0.25]),
    {"closeness": np.array([0.5, 0.25, 1 / 3])},
    {"by": {"closeness": 1.0}, "seed": 3, "dataset": "ab" * 32},
)


class Source:
    root = "photos"

    def tasks(self) -> dict[str, str]:
        return {"2afc/val/a": "2afc", "2afc/val/b": "2afc"}

    def count(self, subset: str) -> int:
        return {"2afc/val/a": 5, "2afc/val/b": 1}[subset]


@pytest.mark.parametrize("name", ["s.csv", "s.parquet"])
def test_a_selection_is_read_as_it_was_written(tmp_path: Path, name: str):
    write_selection(tmp_path / name, SELECTION)
    read = read_selection(tmp_path / name, Source(), "ab" * 32)
    assert read.rows() == SELECTION.rows()
    assert read.scores["closeness"].tolist() == SELECTION.scores["closeness"].tolist()
    assert {key: read.provenance[key] for key in SELECTION.provenance} == SELECTION.provenance
    indices, probabilities = read.of_subset("2afc/val/a")
    assert indices.tolist() == [1, 4]
    assert probabilities.tolist() == [1.0, 0.1 + 0.2]


def test_a_plain_list_of_items_has_no_probabilities(tmp_path: Path):
    (tmp_path / "s.csv").write_text("subset,index\n2afc/val/a,3\n")
    read = read_selection(tmp_path / "s.csv", Source())
    assert read.subsets == ("2afc/val/a",)
    assert np.isnan(read.probabilities).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column subset"),
        ("subset,index\n", "no item"),
        ("subset,index\n2afc/val/a,x\n", "item 1: index is a number, found 'x'"),
        ("subset,index\n2afc/val/a,1.5\n", "item 1: an index is a whole number from 0, found 1.5"),
        ("subset,index\n2afc/val/a,-1\n", "found -1"),
        ("subset,index\n2afc/val/a,\n", "found nan"),
        ("subset,index\n2afc/val/a,1\n2afc/val/a,1\n", "item 2: 2afc/val/a 1 is also item 1"),
        ("subset,index,probability\n2afc/val/a,1,0\n", "above 0 and at most 1, found 0"),
        ("subset,index,probability\n2afc/val/a,1,inf\n", "found inf"),
        ("subset,index\n2afc/val/a\n", "1 values for 2 columns"),
        ("subset,index,index\n", "named twice"),
        ('subset,index\n"2afc,1\n', "not CSV"),
        ("# [1]\nsubset,index\n2afc/val/a,1\n", "provenance is not a JSON object"),
        ('# {"format": "other"}\nsubset,index\n2afc/val/a,1\n', "format 'other'"),
        ("subset,index\n2afc/val/c,0\n", "unknown subset of photos, in .*s.csv '2afc/val/c'"),
        ("subset,index\n2afc/val/a,5\n", "photos has items 0 to 4 in 2afc/val/a, found 5"),
    ],
)
def test_an_invalid_csv_is_refused_in_one_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(BappsmithError, match=message) as raised:
        read_selection(tmp_path / "s.csv", Source())
    assert "\n" not in str(raised.value)


def test_other_files_are_refused(tmp_path: Path):
    (tmp_path / "s.parquet").write_bytes(b"PAR1 or not")
    with pytest.raises(BappsmithError, match="not a Parquet file"):
        read_selection(tmp_path / "s.parquet")
    (tmp_path / "s.csv").write_bytes(b"subset,index\n\xff,1\n")
    with pytest.raises(BappsmithError, match="not UTF-8"):
        read_selection(tmp_path / "s.csv")
    with pytest.raises(BappsmithError, match=r"a \.parquet or \.csv file, found '\.txt'"):
        read_selection(tmp_path / "s.txt")
    with pytest.raises(BappsmithError, match="cannot be opened"):
        read_selection(tmp_path / "missing.csv")


def test_the_selection_of_another_dataset_is_refused(tmp_path: Path):
    write_selection(tmp_path / "s.parquet", SELECTION)
    with pytest.raises(
        BappsmithError, match="made for a dataset with fingerprint abababababab, this one has cdcdcdcdcdcd"
    ):
        read_selection(tmp_path / "s.parquet", fingerprint="cd" * 32)


def test_a_small_parquet_file_that_unpacks_to_endless_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Equal values are stored once: 100 million rows take 1 MB, and would take 10 GB as Python's objects."""
    monkeypatch.setattr(selection_file, "MOST_VALUES", 100_000)
    rows = 100_000
    table = pa.table(
        {
            "subset": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), ["2afc/val/a"]),
            "index": pa.array(np.zeros(rows, np.int32)),
        }
    )
    pq.write_table(table, tmp_path / "s.parquet", compression="zstd")
    with pytest.raises(BappsmithError, match="100,000 rows of 2 columns; a selection has at most 100,000 values"):
        read_selection(tmp_path / "s.parquet")


def test_a_long_name_in_a_parquet_file_is_not_repeated_for_every_row(tmp_path: Path):
    rows = 100_000
    table = pa.table(
        {
            "subset": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), ["x" * 1_000_000]),
            "index": pa.array(np.arange(rows, dtype=np.int32)),
        }
    )
    pq.write_table(table, tmp_path / "s.parquet", compression="zstd")
    with pytest.raises(BappsmithError, match=r"a subset has a name of 1,000,000 bytes, at most 4,096"):
        read_selection(tmp_path / "s.parquet")


@pytest.mark.parametrize("kind", [pa.list_(pa.int32()), pa.bool_(), pa.timestamp("s"), pa.binary()])
def test_columns_of_other_types_are_refused(tmp_path: Path, kind: pa.DataType):
    table = pa.table({"subset": ["2afc/val/a"], "index": [0], "score": pa.array([None], kind)})
    pq.write_table(table, tmp_path / "s.parquet")
    with pytest.raises(BappsmithError, match="column score holds numbers, found type"):
        read_selection(tmp_path / "s.parquet")
