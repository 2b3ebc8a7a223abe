"""Shares of pairs, intervals and residuals, against enumerations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kadid_types import FAMILIES, TYPES
from measure import FOLDS, count_pairs, interval, rank_correlation, resample, residuals, same_fold
from numpy.typing import NDArray

Array = NDArray[np.float64]


def enumerated(distances: Array, means: Array, groups: list[int] | None = None) -> float:
    """The percentage, pair by pair; `groups` says which types are copies of one."""
    right = total = 0.0
    types, levels = means.shape
    group = list(range(types)) if groups is None else groups
    for photo in distances:
        for i in range(types):
            for j in range(i + 1, types):
                for a in range(levels):
                    for b in range(levels):
                        if group[i] == group[j] or abs(means[i, a] - means[j, b]) <= 0.5:
                            continue
                        total += 1
                        if photo[i, a] == photo[j, b]:
                            right += 0.5
                        else:
                            right += (photo[i, a] > photo[j, b]) == (means[i, a] < means[j, b])
    return 100 * right / total if total else float("nan")


def example(seed: int, photos: int = 3, types: int = 4, levels: int = 3) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 6, (photos, types, levels)).astype(float), rng.integers(0, 9, (types, levels)) / 2


def test_two_types_of_two_levels_by_hand():
    means = np.array([[4.0, 3.0], [3.4, 1.0]])
    distances = np.array([[[1.0, 2.0], [2.0, 2.0]]])
    # 4.0-3.4: 1 < 2, right. 4.0-1.0: 1 < 2, right. 3.0-3.4: closer than half a point. 3.0-1.0: equal, half.
    pairs = count_pairs(distances, means)
    assert pairs.total.tolist() == [[0, 3], [3, 0]]
    assert pairs.share().tolist() == [pytest.approx(100 * 2.5 / 3)]


@given(st.integers(0, 10_000))
def test_the_share_is_the_enumerated_one(seed: int):
    distances, means = example(seed)
    np.testing.assert_allclose(count_pairs(distances, means).share(), enumerated(distances, means))


@given(st.integers(0, 10_000))
def test_people_themselves_are_right_their_opposite_is_wrong_and_a_constant_is_even(seed: int):
    _, means = example(seed)
    for distances, wanted in ((-means, 100), (means, 0), (np.zeros_like(means), 50)):
        assert count_pairs(np.repeat(distances[None], 2, axis=0), means).share()[0] == wanted


@given(st.integers(0, 10_000))
def test_a_resampled_share_counts_copies_of_a_type_as_one_type(seed: int):
    distances, means = example(seed)
    photos, types = resample(3, 4, 1, seed)
    drawn_photos = np.repeat(np.arange(3), photos[0].astype(int))
    drawn_types = np.repeat(np.arange(4), types[0].astype(int))
    wanted = enumerated(distances[drawn_photos][:, drawn_types], means[drawn_types], drawn_types.tolist())
    np.testing.assert_allclose(count_pairs(distances, means).share(photos, types), wanted)


def test_pairs_within_left_out_types_alone_are_counted():
    distances, means = example(5)
    among = np.zeros((4, 4), dtype=bool)
    among[np.ix_([1, 3], [1, 3])] = True
    share = count_pairs(distances, means, among).share()[0]
    assert share == pytest.approx(enumerated(distances[:, [1, 3]], means[[1, 3]]))


def test_folds_part_the_types_and_no_fold_has_much_of_a_family():
    assert sorted(name for fold in FOLDS for name in fold) == sorted(TYPES)
    assert {len(fold) for fold in FOLDS} == {6}
    for names in FAMILIES.values():
        counts = [len(set(names) & set(fold)) for fold in FOLDS]
        assert max(counts) - min(counts) <= 1
    assert same_fold().sum() == 4 * 6 * 6


def test_intervals_are_paired_and_repeatable():
    rng = np.random.default_rng(0)
    means = rng.uniform(1, 5, (24, 5))
    good, bad = (-means + rng.normal(0, noise, (8, 24, 5)) for noise in (0.3, 2))
    one, other = count_pairs(good, means), count_pairs(bad, means)
    value = interval(one)
    assert value == interval(one)
    assert value.low < value.value < value.high <= 100
    nothing = interval(one, one)
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)
    assert interval(one, other).low > 5


def test_ranks_of_cells_take_the_median_photograph():
    means = np.array([[4.0, 3.0], [2.0, 1.0]])
    distances = np.stack([-means, -means, 9 * means])
    assert rank_correlation(distances, means) == pytest.approx(1)


def test_a_type_that_the_metric_minds_more_has_a_positive_residual():
    means = np.tile(np.linspace(4.5, 1.3, 5), (24, 1))
    assert max(abs(value) for value in residuals(-means[None], means).values()) < 1e-9
    distances = -means.copy()
    distances[7] += 0.8
    minded = residuals(distances[None], means)
    assert max(minded, key=lambda name: minded[name]) == TYPES[7]
    assert minded[TYPES[7]] > 0.4
