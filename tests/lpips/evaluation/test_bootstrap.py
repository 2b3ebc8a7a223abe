"""Intervals and p-values."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.lpips.evaluation.bootstrap import bootstrap, interval, two_sided_p
from bappsmith.lpips.evaluation.scores import mean_statistic


def test_the_bootstrap_interval_of_a_mean_is_that_of_the_normal_law():
    values = np.random.default_rng(0).normal(0.7, 0.2, 2000)
    found = interval(bootstrap(2000, {"mean": mean_statistic(values)}, resamples=2000)["mean"])
    half = 1.96 * values.std() / np.sqrt(2000)
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_items_of_one_photograph_are_drawn_together():
    # 50 photographs with 40 items each, all items of a photograph alike: as good as 50 items.
    of_group = np.random.default_rng(0).normal(0, 1, 50)
    groups = np.random.default_rng(1).permutation(np.repeat(np.arange(50), 40))
    values = of_group[groups]
    drawn = bootstrap(2000, {"mean": mean_statistic(values)}, groups=groups, resamples=2000)["mean"]
    assert drawn.std() == pytest.approx(of_group.std() / np.sqrt(50), rel=0.1)


def test_p_values_of_no_difference_are_even_and_of_a_difference_small():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(300):
        gaps = rng.normal(0, 1, 100)
        found.append(two_sided_p(bootstrap(100, {"gap": mean_statistic(gaps)}, resamples=200)["gap"]))
    # Uniform on [0, 1]: a share of 10 % below .1, give or take 4 standard errors.
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 300))
    assert two_sided_p(np.full(999, 0.3)) == pytest.approx(0.002)
    assert two_sided_p(np.zeros(999)) == 1.0
