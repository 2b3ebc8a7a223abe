"""Accuracy of pairs against counting them one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.evaluation import pair_accuracy as module
from bappsmith.lpips.evaluation.pair_accuracy import pair_accuracy, pair_statistic, pair_sums, pairs_with

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=15
)


def one_by_one(rows: list[tuple[int, int, int, int]], least: float, members: set[int]) -> tuple[float, float]:
    right = total = 0.0
    for i, j in combinations(range(len(rows)), 2):
        (d, s, reference, count), (e, t, other, times) = rows[i], rows[j]
        if reference == other and abs(s - t) > least and members & {i, j}:
            total += count * times
            right += count * times * (0.5 if d == e else float((d < e) == (s < t)))
    return right, total


@given(ROWS, st.sampled_from([0.0, 1.0, 1.5]), st.sampled_from([2**22, 8]))
def test_sums_are_those_of_single_pairs(rows: list[tuple[int, int, int, int]], least: float, block: int):
    distance, damage, reference, counts = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    before, module._BLOCK = module._BLOCK, block
    try:
        sums = pair_sums(distance, damage, reference, least)
        right, total = sums(counts[None])
        members = np.arange(len(rows)) % 2 == 0
        of_members = pairs_with(sums, members)
    finally:
        module._BLOCK = before
    assert (right[0], total[0]) == one_by_one(rows, least, {*range(len(rows))})
    once = [(*row[:3], 1) for row in rows]
    assert of_members == one_by_one(once, least, {*range(0, len(rows), 2)})
    value = pair_statistic(sums)(counts[None])[0]
    assert np.isnan(value) if total[0] == 0 else value == right[0] / total[0]


def test_pairs_of_different_references_do_not_count():
    assert pair_accuracy([1, 2, 9, 8], [1, 2, 3, 4], [0, 0, 1, 1], 0) == 0.5
    assert np.isnan(pair_accuracy([1, 2], [1, 2], [0, 1], 0))
    assert pair_accuracy([1, 2], [1, 2], [7, 7], 0) == pytest.approx(1)
