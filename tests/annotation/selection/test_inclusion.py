"""Samples of a fixed size with exact inclusion probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.annotation.selection.inclusion import inclusion_probabilities, systematic_sample
from bappsmith.manifests.errors import BappsmithError


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40), st.data())
def test_probabilities_sum_to_the_budget_and_stay_in_proportion(sizes: list[float], data: st.DataObject):
    array = np.array(sizes)
    budget = data.draw(st.integers(0, int((array > 0).sum())))
    p = inclusion_probabilities(array, budget)
    assert p.sum() == pytest.approx(budget)
    assert ((p >= 0) & (p <= 1 + 1e-12)).all()
    assert (p[array == 0] == 0).all()
    below = (p > 0) & (p < 1 - 1e-9)
    assert np.allclose(p[below] / array[below], (p[below] / array[below]).max(initial=0), rtol=1e-6)


def test_every_item_is_drawn_as_often_as_its_probability_says():
    """10,000 draws: a share differs from the probability by at most four and a half standard errors."""
    p = inclusion_probabilities(np.array([0.1, 0.5, 1, 1, 2, 3, 5, 40, 0, 0.4]), 4)
    draws = 10_000
    counts = np.zeros(len(p))
    for key in range(draws):
        sample = systematic_sample(p, str(key))
        assert len(sample) == len(set(sample.tolist())) == 4
        counts[sample] += 1
    assert counts[7] == draws
    assert counts[8] == 0
    error = np.sqrt(p * (1 - p) / draws)
    assert (np.abs(counts / draws - p) <= 4.5 * error + 1e-12).all()


def test_a_mean_with_inverse_weights_is_unbiased():
    rng = np.random.default_rng(5)
    values = rng.random(300)
    p = inclusion_probabilities(0.1 + values**2, 60)  # large values are drawn more often
    estimates = []
    for key in range(2000):
        chosen = systematic_sample(p, str(key))
        estimates.append((values[chosen] / p[chosen]).sum() / (1 / p[chosen]).sum())
    assert abs(np.mean(estimates) - values.mean()) < 4 * np.std(estimates) / np.sqrt(2000) + 0.002
    plain = np.mean([values[systematic_sample(p, str(key))].mean() for key in range(50)])
    assert plain > values.mean() + 0.1


def test_the_same_key_draws_the_same_items():
    p = np.full(50, 0.2)
    assert systematic_sample(p, "a").tolist() == systematic_sample(p, "a").tolist()
    assert systematic_sample(p, "a").tolist() != systematic_sample(p, "b").tolist()


def test_all_items_can_be_drawn():
    assert systematic_sample(inclusion_probabilities(np.array([1.0, 7.0, 2.0]), 3), "k").tolist() == [0, 1, 2]
    assert systematic_sample(np.zeros(3), "k").tolist() == []


def test_a_budget_above_the_number_of_items_is_refused():
    with pytest.raises(BappsmithError, match="a budget of 3 does not fit 2 items"):
        inclusion_probabilities(np.array([1.0, 1.0, 0.0]), 3)
