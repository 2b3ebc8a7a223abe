"""Votes of a study in a file of pairs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from bappsmith.annotation.votes.pairs import pairs_with_votes
from bappsmith.lpips.data.retrieval.pair_set import Pair, PairSet
from bappsmith.manifests.errors import BappsmithError

PAIRS = PairSet(
    Path("images"), Path("pairs.csv"), (Pair("a", "b", 1.0, 9, 0.5, "l2:1"), Pair("a", "c"), Pair("b", "c", 0.0, 1))
)


def votes(*rows: tuple[int | None, str, str, bool]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [[]] * 4
    return pa.table(
        {
            "task": pa.array(["similar"] * len(rows), pa.string()),
            "subset": pa.array(["similar"] * len(rows), pa.string()),
            "index": pa.array(columns[0], pa.int32()),
            "choice": pa.array(columns[1], pa.string()),
            "role": pa.array(columns[2], pa.string()),
            "counted": pa.array(columns[3], pa.bool_()),
        }
    )


def test_only_votes_that_count_are_counted():
    judged = pairs_with_votes(
        PAIRS,
        votes(
            (0, "similar", "item", True),
            (0, "different", "item", True),
            (0, "different", "item", True),
            (0, "different", "item", False),
            (0, "different", "repeat", True),
            (2, "similar", "item", True),
            (None, "different", "sentinel", False),
        ),
    )
    assert judged == [Pair("a", "b", 1 / 3, 3, 0.5, "l2:1"), Pair("a", "c"), Pair("b", "c", 1.0, 1)]
    assert [pair.votes for pair in pairs_with_votes(PAIRS, votes())] == [0, 0, 0]


def test_votes_for_other_pairs_are_refused():
    with pytest.raises(BappsmithError, match=r"pairs\.csv: has 3 pairs, but votes for pair 3 came"):
        pairs_with_votes(PAIRS, votes((3, "similar", "item", True)))
