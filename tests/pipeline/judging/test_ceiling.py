"""Ceilings: worked out by hand, by enumerating all votes, and reached by a perfect metric."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.evaluation.scores import human_scores, two_afc_scores
from bappsmith.manifests.human_score import human_score
from bappsmith.pipeline.judging.ceiling import (
    human_ceiling,
    predictor_ceiling,
    published_human_ceiling,
)

PROBABILITIES = st.floats(0, 1, allow_subnormal=False)


def test_worked_out_by_hand():
    # p = 0.8, five votes: best predictor 0.8; two people agree with 0.64 + 0.04; with oneself 0.68 + 2·0.16/5.
    p, five = np.array([0.8]), np.array([5], np.int32)
    assert predictor_ceiling(p)[0] == pytest.approx(0.8)
    assert human_ceiling(p)[0] == pytest.approx(0.68)
    assert published_human_ceiling(p, five)[0] == pytest.approx(0.744)
    assert published_human_ceiling(p, np.zeros(1, np.int32))[0] == pytest.approx(0.68)
    # Three of five: 3 + 1 of the 10 pairs of votes agree. One vote makes no pair.
    assert human_score(np.array([0.6]), five)[0] == pytest.approx(0.4)
    assert np.isnan(human_score(np.array([1.0, 0.3]), np.array([1, 0], np.int32))).all()


@given(PROBABILITIES, st.integers(2, 12))
def test_ceilings_are_the_expectations_over_all_votes(p: float, n: int):
    k = np.arange(n + 1)
    weight = np.array([comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)])
    shares, votes, one = k / n, np.full(n + 1, n, np.int32), np.array([p])
    best = two_afc_scores(np.full(n + 1, float(p > 0.5)), np.full(n + 1, float(p <= 0.5)), shares)
    assert (weight @ best) == pytest.approx(predictor_ceiling(one)[0])
    assert (weight @ human_scores(shares)) == pytest.approx(published_human_ceiling(one, votes[:1])[0])
    assert (weight @ human_score(shares, votes)) == pytest.approx(human_ceiling(one)[0])
    assert predictor_ceiling(one) >= human_ceiling(one) - 1e-12
