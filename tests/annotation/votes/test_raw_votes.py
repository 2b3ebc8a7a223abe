from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bappsmith.annotation.votes.raw_votes import anonymous_votes, numbers_of_people, write_raw_votes


@pytest.fixture(scope="module")
def votes(simulated: ModuleType) -> pa.Table:
    return simulated.simulate([simulated.HONEST] * 9, np.zeros(40), per_session=10, sessions=2)


def test_neither_hashes_nor_times_of_day_remain(votes: pa.Table, tmp_path: Path):
    file = tmp_path / "raw.parquet"
    assert write_raw_votes(file, votes, b"key") == len(votes)
    raw = pq.read_table(file)
    assert not {"received", "platform"} & set(raw.schema.names)
    assert set(raw["person"].to_pylist()) == {f"p{k:04d}" for k in range(1, 10)}
    assert set(raw["session"].to_pylist()) == {f"s{k:04d}" for k in range(1, 19)}
    assert set(raw["day"].to_pylist()) == {0}
    assert all(float(value).is_integer() for value in raw["response_ms"].to_pylist())
    content = file.read_bytes()
    assert not any(person.encode() in content for person in set(votes["person"].to_pylist()))


def test_answers_stay_with_their_people(votes: pa.Table):
    numbers = numbers_of_people(votes, b"key")
    raw = anonymous_votes(votes, b"key").to_pylist()
    before = sorted((numbers[row["person"]], row["place"], row["choice"]) for row in votes.to_pylist())
    assert sorted((row["person"], row["place"], row["choice"]) for row in raw) == before


def test_the_key_decides_the_numbers_and_the_order_of_rows_says_nothing(votes: pa.Table):
    turned = votes.take(np.random.default_rng(0).permutation(len(votes)))
    assert anonymous_votes(turned, b"key").equals(anonymous_votes(votes, b"key"))
    assert numbers_of_people(votes, b"key") != numbers_of_people(votes, b"other")
    order = [numbers_of_people(votes, b"key")[f"{k:032x}"] for k in range(9)]
    assert order != sorted(order)


def test_an_empty_table_can_be_written(votes: pa.Table, tmp_path: Path):
    assert write_raw_votes(tmp_path / "raw.parquet", votes.slice(0, 0), b"key") == 0


def test_people_who_withdrew_are_left_out(votes: pa.Table):
    gone = f"{3:032x}"
    table = pa.Table.from_pylist(
        [row | ({"reason": "withdrawn"} if row["person"] == gone else {}) for row in votes.to_pylist()], votes.schema
    )
    raw = anonymous_votes(table, b"key")
    assert numbers_of_people(votes, b"key")[gone] not in raw["person"].to_pylist()
    assert len(set(raw["person"].to_pylist())) == 8
