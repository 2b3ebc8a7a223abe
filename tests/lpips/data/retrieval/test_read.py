"""Files of pairs: both formats, and one readable line for every mistake."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.data.retrieval import rows
from bappsmith.lpips.data.retrieval.pair_set import Pair
from bappsmith.lpips.data.retrieval.read import read_pairs
from bappsmith.lpips.data.retrieval.write import write_pairs
from bappsmith.manifests.errors import BappsmithError

PAIRS = (
    Pair("a.png", "b.png", 2 / 3, 3, 1.0, "l2:1 ssim:4"),
    Pair("a.png", "below/c é.png", 0.5, 4, 0.25, "random"),
    Pair("b.png", "a.png", None, 0, 1.0, ""),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "images"
    (root / "below").mkdir(parents=True)
    for name in ("a.png", "b.png", "below/c é.png"):
        (root / name).write_bytes(b"image")
    return root


def error(folder: Path, text: str | bytes) -> str:
    path = folder.parent / "pairs.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BappsmithError) as raised:
        read_pairs(path, folder)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_written_is_read(folder: Path, tmp_path: Path, suffix: str):
    path = tmp_path / f"pairs.{suffix}"
    write_pairs(path, PAIRS)
    pairs = read_pairs(path, folder)
    assert pairs.pairs == PAIRS
    assert (pairs.root, pairs.path, len(pairs)) == (folder, path, 3)
    assert pairs.images == ["a.png", "b.png", "below/c é.png"]
    np.testing.assert_array_equal(pairs.similar, [1, np.nan, np.nan])
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_shares_instead_of_votes(folder: Path, tmp_path: Path):
    path = tmp_path / "pairs.csv"
    path.write_text("Candidate,query,extra,Share\n./b.png,a.png,x,0.25\nbelow//c é.png,a.png,y,\n", encoding="utf-8")
    pairs = read_pairs(path, folder)
    assert pairs.pairs == (Pair("a.png", "b.png", 0.25), Pair("a.png", "below/c é.png"))
    write_pairs(tmp_path / "again.parquet", pairs.pairs)
    assert read_pairs(tmp_path / "again.parquet", folder).pairs == pairs.pairs
    with pytest.raises(BappsmithError, match=r"x\.csv: some pairs have votes and others only a share"):
        write_pairs(tmp_path / "x.csv", [*pairs.pairs, *PAIRS])


def test_pairs_without_any_votes(folder: Path, tmp_path: Path):
    (tmp_path / "pairs.csv").write_text("query,candidate\na.png,b.png\n")
    assert read_pairs(tmp_path / "pairs.csv", folder).pairs == (Pair("a.png", "b.png"),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.png,../a.png,1,1", "line 2: candidate '../a.png' leaves the folder"),
        ("/etc/passwd,a.png,1,1", "line 2: query '/etc/passwd' leaves the folder"),
        ("a.png,below/../../x,1,1", "leaves the folder"),
        ("a.png,./a.png,1,1", "line 2: query and candidate are the same image, a.png"),
        ("a.png,,1,1", "line 2: candidate is empty"),
        ("a.png,b.png,2,1", "line 2: similar and votes are whole numbers, and similar is at most votes; found 2 of 1"),
        ("a.png,b.png,-1,1", "found -1 of 1"),
        ("a.png,b.png,0.5,1", "found 0.5 of 1"),
        ("a.png,b.png,nan,1", "found nan of 1"),
        ("a.png,b.png,1,inf", "found 1 of inf"),
        ("a.png,b.png,1,", "found 1 of 0"),
        ("a.png,b.png,many,1", "line 2: similar is a number, found 'many'"),
        ("a.png,b.png,1", "line 2 has 3 cells, the first line 4"),
        ("a.png,b.png,1,1\na.png,b.png,0,1", "line 3: the pair a.png, b.png occurs twice"),
        (
            "a.png,x.png,1,1\ny.png,b.png,1,1",
            "images are missing in .*images: x.png (line 2), y.png (line 3); add them",
        ),
        ("a.png,below,1,1", "images are missing in .*images: below (line 2)"),
        (f"a.png,{'x' * 5000},1,1", "line 2: candidate has 5,000 characters, at most 4,096"),
        (f"a.png,{'x' * 3000},1,1", "images are missing"),
        ("a.png,\x01.png,1,1", r"\\x01.png"),
        ("", "no pairs"),
    ],
)
def test_mistakes_in_lines(folder: Path, line: str, message: str):
    import re

    pattern = re.escape(message).replace(r"\.\*", ".*").replace(r"\\\\x01", r"\\x01")
    assert re.search(pattern, error(folder, f"query,candidate,similar,votes\n{line}\n"))


def test_mistakes_in_columns_and_values(folder: Path):
    assert "the columns are query and candidate" in error(folder, "a,b\nx,y\n")
    assert "found query, candidate, votes" in error(folder, "query,candidate,votes\n")
    assert "found query, candidate, similar, votes, share" in error(folder, "query,candidate,similar,votes,share\n")
    assert "names column query twice" in error(folder, "query,query,candidate\n")
    assert "not text in UTF-8" in error(folder, b"query,candidate\n\xff,\xff\n")
    assert "share is from 0 to 1, found 1.5" in error(folder, "query,candidate,share\na.png,b.png,1.5\n")
    assert "inclusion is a probability above 0, found 0" in error(folder, "query,candidate,inclusion\na.png,b.png,0\n")
    with pytest.raises(BappsmithError, match="no such folder"):
        read_pairs(folder.parent / "pairs.csv", folder / "x")
    with pytest.raises(BappsmithError, match=r"x\.csv: cannot be opened"):
        read_pairs(folder / "x.csv", folder)


def test_links_may_not_leave_the_folder(folder: Path):
    (folder.parent / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "inside.png").symlink_to(folder / "b.png")
    assert "line 2: link.png is a link that leaves" in error(folder, "query,candidate\na.png,link.png\n")
    path = folder.parent / "pairs.csv"
    path.write_text("query,candidate\na.png,inside.png\n")
    assert len(read_pairs(path, folder)) == 1
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to(folder.parent / "elsewhere")
    assert len(read_pairs(path, folder)) == 1


def test_damaged_and_wrong_parquet(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "pairs.parquet"

    def message() -> str:
        with pytest.raises(BappsmithError) as raised:
            read_pairs(path, folder)
        return str(raised.value)

    path.write_bytes(b"PAR1 nothing")
    assert "not a Parquet file that can be read" in message()
    pq.write_table(pa.table({"query": [1], "candidate": ["b.png"]}), path)
    assert "column query holds text, found type int64" in message()
    pq.write_table(pa.table({"query": ["a.png"], "candidate": ["b.png"], "share": ["x"]}), path)
    assert "column share holds numbers, found type string" in message()
    pq.write_table(pa.table({"query": ["a.png", None], "candidate": ["b.png", "b.png"]}), path)
    assert "row 1: query is empty" in message()
    pq.write_table(pa.table({"query": pa.array(["a.png"]).dictionary_encode(), "candidate": ["b.png"]}), path)
    assert read_pairs(path, folder).pairs == (Pair("a.png", "b.png"),)
    write_pairs(path, PAIRS)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + os.urandom(60) + whole[100:])
    message()
    path.write_bytes(whole)
    monkeypatch.setattr(rows, "MAX_PAIRS", 2)
    assert "3 pairs; a file has at most 2" in message()
    monkeypatch.setattr(rows, "MAX_UNPACKED", 100)
    monkeypatch.setattr(rows, "MAX_PAIRS", 3)
    assert "bytes when unpacked; at most 100 are read" in message()
    path.unlink()
    os.mkfifo(path)
    assert "not a Parquet file that can be read" in message()


def test_a_long_text_is_not_repeated_for_every_row(folder: Path, tmp_path: Path):
    """A dictionary holds it once; as Python's texts it would fill the memory."""
    count = 20_000
    long = pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), ["x" * 1_000_000])
    names = pa.array([f"{k}.png" for k in range(count)])
    pq.write_table(pa.table({"query": names, "candidate": names, "found_by": long}), tmp_path / "p.parquet")
    with pytest.raises(BappsmithError, match="found_by has 1,000,000 bytes, at most 65,536"):
        read_pairs(tmp_path / "p.parquet", folder)


def test_too_many_lines(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "MAX_PAIRS", 1)
    assert "more than 1 pairs; split the file" in error(folder, "query,candidate\na.png,b.png\nb.png,a.png\n")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    folder = tmp_path_factory.mktemp("any")
    for name, content in (("p.csv", b"query,candidate,share\n" + data), ("p.parquet", b"PAR1" + data)):
        (folder / name).write_bytes(content)
        with pytest.raises(BappsmithError) as raised:
            read_pairs(folder / name, folder)
        assert "\n" not in str(raised.value)
