from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from bappsmith.annotation.quality.krippendorff import (
    FEWEST_ITEMS,
    alpha_with_interval,
    krippendorff_alpha,
    with_interval,
)


def by_pairs(units: list[list[int]]) -> float:
    """Alpha by its definition: the matrix of coincidences of all ordered pairs of values within units."""
    values = sorted({value for unit in units for value in unit})
    coincidences = np.zeros((len(values), len(values)))
    for unit in units:
        for first, second in permutations(unit, 2):
            coincidences[values.index(first), values.index(second)] += 1 / (len(unit) - 1)
    totals = coincidences.sum(axis=0)
    number = totals.sum()
    observed = number - np.trace(coincidences)
    expected = (number**2 - (totals**2).sum()) / (number - 1)
    return float(1 - observed / expected)


def test_the_definition_gives_the_published_value_of_four_values_with_missing_data():
    # Krippendorff's example of three coders and 15 units, as in the encyclopedia's article on his coefficient.

    coders = ["* * * * * 3 4 1 2 1 1 3 3 * 3", "1 * 2 1 3 3 4 3 * * * * * * *", "* * 2 1 3 4 4 * 2 1 1 3 3 * 4"]
    columns = zip(*(coder.split() for coder in coders), strict=True)
    units = [[int(value) for value in column if value != "*"] for column in columns]
    assert by_pairs(units) == pytest.approx(0.691, abs=5e-4)


def test_the_published_value_of_two_observers():
    # Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, example A.
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    alpha = krippendorff_alpha(np.array(first) + np.array(second), np.full(10, 2))
    assert alpha == pytest.approx(0.095, abs=5e-4)
    assert alpha == pytest.approx(by_pairs([list(pair) for pair in zip(first, second, strict=True)]))


def test_any_votes_may_be_missing():
    rng = np.random.default_rng(0)
    units = [rng.integers(0, 2, rng.integers(0, 6)).tolist() for _ in range(200)]
    counts = np.array([[sum(unit), len(unit)] for unit in units])
    assert krippendorff_alpha(*counts.T) == pytest.approx(by_pairs([unit for unit in units if len(unit) > 1]))


def test_full_agreement_is_1_chance_is_0_and_nothing_is_nan():
    rng = np.random.default_rng(0)
    votes = np.full(5000, 5)
    assert krippendorff_alpha(5 * rng.integers(0, 2, 5000), votes) == 1
    assert abs(krippendorff_alpha(rng.binomial(5, 0.5, 5000), votes)) < 0.02
    for positive, number in [([], []), ([1], [1]), ([5, 5], [5, 5])]:
        assert np.isnan(krippendorff_alpha(np.array(positive, np.int64), np.array(number, np.int64)))
        assert np.isnan(alpha_with_interval(np.array(positive, np.int64), np.array(number, np.int64)).low)


def test_the_interval_is_that_of_drawing_items():
    rng = np.random.default_rng(0)
    votes = rng.integers(2, 6, 300)
    positive = rng.binomial(votes, rng.beta(0.7, 0.7, 300))
    estimate = alpha_with_interval(positive, votes)
    draws = rng.integers(0, 300, (2000, 300))
    values = [krippendorff_alpha(positive[drawn], votes[drawn]) for drawn in draws]
    np.testing.assert_allclose((estimate.low, estimate.high), np.quantile(values, (0.025, 0.975)), atol=0.01)


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(100):
        positive = rng.binomial(5, rng.beta(1, 1, 100))
        mean = with_interval(
            lambda k, n, weight: float(np.average(k / n, weights=weight)), positive, np.full(100, 5), seed=seed
        )
        inside += mean.low <= 0.5 <= mean.high
    assert inside >= 89


def test_a_few_items_have_no_interval():
    """Two items on which all agree would else be known to be perfect, from 1 to 1."""
    for count in (2, FEWEST_ITEMS - 1):
        estimate = alpha_with_interval(np.array([2, 0, *[2] * (count - 2)]), np.full(count, 2))
        assert estimate.value == 1
        assert np.isnan([estimate.low, estimate.high]).all()
    assert alpha_with_interval(np.array([2, 0] * 5), np.full(10, 2)).low == 1
