"""Areas against Mann and Whitney's U and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from bappsmith.lpips.evaluation.areas import (
    average_precision,
    average_precision_statistic,
    roc_auc,
    roc_auc_statistic,
)
from bappsmith.manifests.errors import BappsmithError


def precision_over_thresholds(distance: np.ndarray, similar: np.ndarray) -> float:
    """The definition of scikit-learn's average_precision_score."""
    total, before = 0.0, 0.0
    for threshold in np.unique(distance):
        found = distance <= threshold
        recall = similar[found].sum() / similar.sum()
        total += (recall - before) * similar[found].mean()
        before = recall
    return total


@pytest.mark.parametrize("levels", [3, 20, 10_000])
def test_areas_of_random_pairs_with_ties(levels: int):
    rng = np.random.default_rng(levels)
    similar = rng.random(200) < 0.3
    distance = np.floor((rng.normal(0, 1, 200) - similar + 5) * levels / 10)
    u = mannwhitneyu(distance[~similar], distance[similar]).statistic
    assert roc_auc(distance, similar) == pytest.approx(u / (similar.sum() * (~similar).sum()))
    assert average_precision(distance, similar) == pytest.approx(precision_over_thresholds(distance, similar))


def test_values_by_hand():
    assert roc_auc([1, 2, 3, 4], [1, 1, 0, 0]) == 1
    assert roc_auc([1, 2, 3, 4], [0, 0, 1, 1]) == 0
    assert roc_auc([1, 1, 1], [1, 0, 0]) == 0.5
    assert average_precision([1, 1, 1, 1], [1, 0, 0, 0]) == 0.25
    assert average_precision([1, 2, 3, 4], [0, 1, 0, 1]) == 0.5


def test_without_one_of_the_kinds_there_is_no_area():
    assert np.isnan(roc_auc([1, 2], [1, 1]))
    assert np.isnan(average_precision([1, 2], [0, 0]))
    with pytest.raises(BappsmithError, match="distance has NaN at position 1"):
        roc_auc([1, np.nan], [1, 0])


@pytest.mark.parametrize("make", [roc_auc_statistic, average_precision_statistic])
def test_counts_repeat_pairs(make):
    rng = np.random.default_rng(1)
    distance, similar, counts = rng.integers(0, 9, 40), rng.random(40) < 0.4, rng.integers(0, 4, (5, 40))
    got = make(distance, similar)(counts.astype(float))
    expected = [make(np.repeat(distance, row), np.repeat(similar, row))(np.ones((1, row.sum())))[0] for row in counts]
    assert got == pytest.approx(expected)
