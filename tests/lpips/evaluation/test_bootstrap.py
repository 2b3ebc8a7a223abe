"""Intervals and p-values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from bappsmith.lpips.evaluation import bootstrap as module
from bappsmith.lpips.evaluation.bootstrap import bootstrap, crossed_bootstrap, interval, two_sided_p
from bappsmith.lpips.evaluation.scores import jnd_map, jnd_map_statistic, mean_statistic


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


def scores_by_hand(groups: np.ndarray | None, count: int, resamples: int) -> np.ndarray:
    """The two-stage bootstrap of a mean, one resample after the other, from draws of its own."""
    rng = np.random.default_rng(5)
    values = np.random.default_rng(1).normal(0, 1, count)
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)] if groups is not None else None
    means = []
    for _ in range(resamples):
        if members is None:
            means.append(values[rng.integers(0, count, count)].mean())
        else:
            drawn = rng.integers(0, len(members), len(members))
            items = [members[g][rng.integers(0, len(members[g]), len(members[g]))] for g in drawn]
            means.append(values[np.concatenate(items)].mean())
    return np.array(means)


@pytest.mark.parametrize("sizes", [None, (1, 2, 3, 30, 64)])
def test_resamples_have_the_law_of_the_plain_loop(sizes: tuple[int, ...] | None):
    groups = None if sizes is None else np.random.default_rng(2).permutation(np.repeat(range(5), sizes))
    values = np.random.default_rng(1).normal(0, 1, 100)
    found = bootstrap(100, {"mean": mean_statistic(values)}, groups=groups, resamples=4000)["mean"]
    expected = scores_by_hand(groups, 100, 4000)
    assert ks_2samp(found, expected).pvalue > 0.001


def test_every_resample_draws_whole_groups():
    groups = np.array([0, 1, 1, 0, 1])
    shapes = []

    def statistic(counts: np.ndarray) -> np.ndarray:
        shapes.append(counts.shape)
        of_zero, of_one = counts[:, groups == 0].sum(1), counts[:, groups == 1].sum(1)
        assert (of_zero % 2 == 0).all()
        assert (of_one % 3 == 0).all()
        assert (of_zero / 2 + of_one / 3 == 2).all()
        return counts[:, 0]

    bootstrap(5, {"x": statistic}, groups=groups, resamples=100)
    assert shapes == [(100, 5)]


def test_memory_is_bounded_and_pieces_change_no_law(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_DRAWS", 100 * 7)
    values = np.random.default_rng(0).normal(0, 1, 100)
    rows = []

    def statistic(counts: np.ndarray) -> np.ndarray:
        rows.append(len(counts))
        return mean_statistic(values)(counts)

    drawn = bootstrap(100, {"mean": statistic}, resamples=1000)["mean"]
    assert (max(rows), sum(rows)) == (7, 1000)
    assert drawn.std() == pytest.approx(values.std() / 10, rel=0.1)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20).filter(
        lambda items: any(same and count for _, same, count in items)
    )
)
def test_an_item_that_counts_twice_is_as_good_as_two_items(items: list[tuple[int, int, int]]):
    distance, same, counts = np.array(items, dtype=float).T
    times = counts.astype(int)
    expected = jnd_map(np.repeat(distance, times), np.repeat(same / 3, times))
    assert jnd_map_statistic(distance, same / 3)(counts[None])[0] == pytest.approx(expected, abs=1e-12)
    assert mean_statistic(same)(counts[None])[0] == pytest.approx(np.repeat(same, times).mean())


def test_crossed_samples_count_an_item_by_its_levels():
    references, types = np.array([0, 0, 1, 1, 2, 2]), np.array([5, 9, 5, 9, 5, 9])
    seen = []
    crossed_bootstrap(
        [references, types], {"x": lambda counts: seen.append(counts) or counts.sum(axis=1)}, resamples=50
    )
    counts = np.concatenate(seen)
    assert counts.shape == (50, 6)
    table = counts.reshape(50, 3, 2)
    by_reference, by_type = table.sum(axis=2), table.sum(axis=1)
    assert (by_reference.sum(axis=1) == 6).all()  # three references drawn, times two types
    np.testing.assert_array_equal(table * 6, by_reference[:, :, None] * by_type[:, None, :])
    assert len(np.unique(counts, axis=0)) > 10


def test_crossed_samples_of_one_factor_are_those_of_its_groups():
    groups, values = np.repeat(np.arange(40), 3), np.repeat(np.random.default_rng(0).normal(size=40), 3)
    mean = {"mean": lambda counts: counts @ values / counts.sum(axis=1)}
    drawn = crossed_bootstrap([groups, np.zeros(120, np.intp)], mean, resamples=4000)["mean"]
    assert drawn.std() == pytest.approx(values.std() / np.sqrt(40), rel=0.05)


def test_without_several_levels_items_are_drawn():
    values = np.random.default_rng(0).normal(size=100)
    mean = {"mean": lambda counts: counts @ values / counts.sum(axis=1)}
    drawn = crossed_bootstrap([np.zeros(100, np.intp)], mean, resamples=4000)["mean"]
    assert drawn.std() == pytest.approx(values.std() / 10, rel=0.05)


def test_undefined_differences_have_no_p_value():
    nan = float("nan")
    assert np.isnan(two_sided_p(np.full(1000, nan)))
    assert two_sided_p(np.array([1.0, -1.0, nan, nan])) == two_sided_p(np.array([1.0, -1.0]))
