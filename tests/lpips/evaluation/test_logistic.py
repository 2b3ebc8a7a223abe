"""The logistic fit: known curves, reversed metrics, and the straight line in its place."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.special import expit
from scipy.stats import pearsonr

from bappsmith.lpips.evaluation.logistic import fit_logistic, plcc, plcc_statistic


def curve(x: np.ndarray, *beta: float) -> np.ndarray:
    return beta[0] * (0.5 - expit(-beta[1] * (x - beta[2]))) + beta[3] * x + beta[4]


@pytest.mark.parametrize(
    "beta", [(-60.0, 12.0, 0.4, 5.0, 50.0), (3.0, 40.0, 0.2, 0.0, 2.0), (1.0, -8.0, 0.7, -0.2, 0.0)]
)
def test_a_logistic_relation_is_found(beta: tuple[float, ...]):
    x = np.random.default_rng(0).uniform(0, 1, 300)
    fit = fit_logistic(x, curve(x, *beta))
    assert not fit.straight
    np.testing.assert_allclose(fit.damage, curve(x, *beta), atol=1e-3 * np.ptp(curve(x, *beta)))
    assert plcc(x, curve(x, *beta)) == pytest.approx(1, abs=1e-5)


def test_the_fit_is_the_least_squares_one_and_does_not_depend_on_units():
    rng = np.random.default_rng(1)
    x = rng.gamma(2.0, 0.1, 400)
    y = curve(x, -50.0, 9.0, 0.2, 0.0, 50.0) + rng.normal(0, 5, len(x))
    oracle, _ = curve_fit(curve, x, y, (-50.0, 9.0, 0.2, 0.0, 50.0), maxfev=10_000)
    expected = pearsonr(curve(x, *oracle), y).statistic
    assert plcc(x, y) == pytest.approx(expected, abs=1e-6)
    assert plcc(1e-4 * x + 7, -1000 * y) == pytest.approx(expected, abs=1e-6)
    assert plcc(x, y) > pearsonr(x, y).statistic


def test_few_distances_and_constant_ones_have_a_straight_line():
    fit = fit_logistic([1, 2, 3, 4], [1, 2, 4, 3])
    assert fit.straight
    assert fit.damage.tolist() == pytest.approx([1.3, 2.1, 2.9, 3.7])
    assert fit_logistic([2, 2, 2], [1, 5, 9]).straight
    assert np.isnan(plcc([2, 2, 2], [1, 5, 9]))
    assert np.isnan(plcc([1, 2, 3], [5, 5, 5]))


def test_samples_use_the_function_that_was_fitted_to_all_items():
    rng = np.random.default_rng(2)
    x, counts = rng.uniform(size=50), rng.integers(0, 3, (4, 50)).astype(float)
    y = x**3 + rng.normal(0, 0.1, 50)
    fit = fit_logistic(x, y)
    found = plcc_statistic(fit, y)(counts)
    for row, value in zip(counts, found, strict=True):
        drawn = np.repeat(np.arange(50), row.astype(int))
        assert value == pytest.approx(pearsonr(fit.damage[drawn], y[drawn]).statistic)
