"""Ranks against all orders of ties, enumerated."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from bappsmith.lpips.evaluation.ranking import hit_rate, precision, reciprocal_rank


def enumerate_orders(distance: np.ndarray, similar: np.ndarray, k: int) -> tuple[float, float, float]:
    hits, ranks, shares = [], [], []
    for order in permutations(range(len(distance))):
        if any(distance[a] > distance[b] for a, b in pairwise(order)):
            continue
        top = [similar[i] for i in order][:k]
        hits.append(any(top))
        ranks.append(1 / (1 + top.index(True)) if any(top) else 0.0)
        shares.append(sum(top) / k)
    return float(np.mean(hits)), float(np.mean(ranks)), float(np.mean(shares))


@pytest.mark.parametrize("seed", range(12))
def test_ties_are_in_every_order_equally_often(seed: int):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 7))
    distance, similar = rng.integers(0, 3, count) / 4, rng.random(count) < 0.4
    similar[rng.integers(count)] = True
    for k in (1, 2, 3, 8):
        expected = enumerate_orders(distance, similar, k)
        got = hit_rate(distance, similar, k), reciprocal_rank(distance, similar, k), precision(distance, similar, k)
        assert got == pytest.approx(expected)


def test_without_ties_ranks_are_the_usual_ones():
    distance = np.array([0.5, 0.1, 0.3, 0.2])
    similar = np.array([False, False, True, False])
    assert [hit_rate(distance, similar, k) for k in (1, 2, 3, 4)] == [0, 0, 1, 1]
    assert [reciprocal_rank(distance, similar, k) for k in (2, 3, 9)] == pytest.approx([0, 1 / 3, 1 / 3])
    assert precision(distance, similar, 3) == pytest.approx(1 / 3)


def test_a_metric_without_order_scores_as_chance_in_a_large_gallery():
    similar = np.arange(5000) < 50
    assert precision(np.zeros(5000), similar, 9) == pytest.approx(0.01)
    assert hit_rate(np.zeros(5000), similar, 9) == pytest.approx(1 - 0.99**9, abs=1e-3)
