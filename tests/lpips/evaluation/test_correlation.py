"""Rank correlations against scipy, with ties and on bootstrap samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import kendalltau, pearsonr, spearmanr

from bappsmith.lpips.evaluation.correlation import krocc, krocc_statistic, pearson, srocc, srocc_statistic
from bappsmith.manifests.errors import BappsmithError

TIED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=30)


@example([(0, 0, 1), (1, 1, 1)])
@example([(0, 1, 1), (1, 0, 1), (2, 2, 0)])
@example([(0, 0, 1), (0, 1, 1)])
@given(TIED)
def test_correlations_of_samples_are_those_of_scipy_on_repeated_items(rows: list[tuple[int, int, int]]):
    one, two, counts = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    drawn = np.repeat(np.arange(len(rows)), counts.astype(int))
    constant = len(drawn) < 2 or np.ptp(one[drawn]) == 0 or np.ptp(two[drawn]) == 0
    found = [
        srocc_statistic(one, two)(counts[None])[0],
        krocc_statistic(one, two)(counts[None])[0],
        pearson(one, two, counts[None])[0],
    ]
    if constant:
        assert np.isnan(found).all()
    else:
        pairs = one[drawn], two[drawn]
        expected = [spearmanr(*pairs).statistic, kendalltau(*pairs).statistic, pearsonr(*pairs).statistic]
        assert found == pytest.approx(expected, abs=1e-9)


def test_order_and_reverse_order():
    distance = [0.1, 0.2, 0.5, 0.7]
    assert srocc(distance, [1, 2, 3, 9]) == krocc(distance, [1, 2, 3, 9]) == pytest.approx(1)
    assert srocc(distance, [9, 3, 2, 1]) == krocc(distance, [9, 3, 2, 1]) == pytest.approx(-1)
    assert np.isnan([srocc([0.1, 0.1], [1, 2]), krocc([0.1, 0.1], [1, 2])]).all()


def test_unequal_lengths_and_nan_are_refused():
    for function in (srocc, krocc):
        with pytest.raises(BappsmithError, match="distance 2, damage 3"):
            function([1, 2], [1, 2, 3])
        with pytest.raises(BappsmithError, match="damage has NaN at position 1"):
            function([1, 2], [1, float("nan")])
