"""Residuals around the middle of a cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.pipeline.judging.cell_residuals import cell_residuals


def points(count: int, seed: int = 0):
    """Two chains whose distance is another power of severity, times a lognormal factor of the picture."""
    rng = np.random.default_rng(seed)
    severities, pictures = rng.uniform(0.05, 1, 2 * count), rng.standard_normal(2 * count)
    chains = np.repeat([5.0, 9.0], count)
    distances = np.where(chains == 5, 0.1 * severities**2, 3 * severities) * np.exp(0.3 * pictures)
    return distances, severities, chains, pictures


def test_what_a_picture_adds_to_a_power_of_severity_is_found_again():
    distances, severities, chains, pictures = points(2000)
    z = cell_residuals(distances, severities, chains, 1e-6)
    np.testing.assert_allclose(z, np.clip(pictures, -3, 3), atol=0.35)  # the quadratic is less certain at its ends
    assert np.corrcoef(z, pictures)[0, 1] > 0.99


def test_outliers_do_not_move_the_curve():
    distances, severities, chains, pictures = points(2000)
    distances[::20] *= 100
    z = cell_residuals(distances, severities, chains, 1e-6)
    ordinary = np.arange(len(z)) % 20 != 0
    assert abs(np.mean(z[ordinary] - np.clip(pictures, -3, 3)[ordinary])) < 0.15
    assert np.mean(z[~ordinary] == 3) > 0.98


def test_a_chain_of_few_points_is_compared_with_itself_alone():
    distances, severities, chains, _ = points(500)
    # Three pictures of an operator that the metric minds a thousand times more, on the slope of all points.
    few = np.array([900.0, 1000.0, 1100.0])
    z = cell_residuals(
        np.concatenate([distances, few]),
        np.concatenate([severities, [0.5, 0.5, 0.5]]),
        np.concatenate([chains, [1.0, 1.0, 1.0]]),
        1e-6,
    )[-3:]
    assert z[1] == 0
    assert z[0] < 0 < z[2]
    alone = cell_residuals(np.append(distances, 1e3), np.append(severities, 0.5), np.append(chains, 1.0), 1e-6)
    assert alone[-1] == 0


def test_what_is_not_distorted_or_not_measurable_is_in_the_middle():
    assert cell_residuals(np.array([0.0, 0.1]), np.array([0.5, 0.0]), np.zeros(2), 1e-6).tolist() == [0, 0]
    assert cell_residuals(np.zeros(0), np.zeros(0), np.zeros(0), 1e-6).shape == (0,)


@settings(max_examples=25)  # each makes three fits
@given(st.integers(1, 120), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_residuals_are_finite_bounded_and_know_no_order(count: int, kinds: int, seed: int):
    rng = np.random.default_rng(seed)
    distances, severities = rng.uniform(0, 1, count) ** 3, rng.uniform(0, 1, count).round(1)
    chains = rng.integers(0, kinds, count).astype(np.float64)
    z = cell_residuals(distances, severities, chains, 1e-6)
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= 3
    order = rng.permutation(count)
    turned = cell_residuals(distances[order], severities[order], chains[order], 1e-6)
    np.testing.assert_allclose(turned, z[order], atol=1e-3)
    doubled = cell_residuals(2 * distances, severities, chains, 2e-6)
    assert doubled == pytest.approx(z, abs=1e-3)  # the unit of the metric means nothing
