"""Losses, by hand and by scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, gammaln
from scipy.stats import binom

from bappsmith.lpips.training.losses import hinge_loss, ordering_loss, vote_loss

ONE, NONE = torch.ones(1), torch.zeros(1)


def test_losses_by_hand():
    # -ln σ(1) = 0.313262; -ln(1 - σ(1)) = 1.313262
    logit = torch.tensor([1.0])
    assert vote_loss(logit, torch.tensor([1.0]), ONE, NONE).item() == pytest.approx(0.313262, abs=1e-6)
    assert vote_loss(logit, torch.tensor([0.25]), ONE, NONE).item() == pytest.approx(1.063262, abs=1e-6)
    # p1 judged the closer (1): d0 > d1 is the right way up.
    up = ordering_loss(torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([1.0]), ONE).item()
    down = ordering_loss(torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([1.0]), ONE).item()
    assert (up, down) == (pytest.approx(0.313262, abs=1e-6), pytest.approx(1.313262, abs=1e-6))


def test_the_hinge_loss_by_hand():
    d0, d1 = torch.tensor([0.5, 0.5, 0.2, 0.9]), torch.tensor([0.1, 0.45, 0.6, 0.1])
    judge = torch.tensor([1.0, 1.0, 0.75, 0.5])
    # Right by .4; right by .05, lacking .05; wrong by .4 at half weight, lacking .5; no majority.
    assert hinge_loss(d0, d1, judge, 0.1, torch.ones(4)).item() == pytest.approx((0 + 0.05 + 0.5 * 0.5 + 0) / 4)
    weights = torch.tensor([1.0, 2.0, 0.5, 1.0])
    assert hinge_loss(d0, d1, judge, 0.1, weights).item() == pytest.approx((0 + 2 * 0.05 + 0.5 * 0.5 * 0.5) / 4)


@given(
    st.lists(
        st.tuples(st.integers(1, 1000), st.floats(0, 1), st.floats(-8, 8), st.sampled_from([0.0, 0.02, 0.3, 0.9])),
        min_size=1,
        max_size=5,
    )
)
def test_weighed_by_votes_it_is_the_binomial_likelihood(items: list[tuple[int, float, float, float]]):
    n, share, logits, lapses = (np.array(values, float) for values in zip(*items, strict=True))
    k = np.round(share * n)
    predicted = lapses / 2 + (1 - lapses) * expit(logits)
    choices = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    expected = (choices - binom.logpmf(k, n, predicted)).mean()
    as_tensors = (torch.from_numpy(values) for values in (logits, k / n, n, lapses))
    assert vote_loss(*as_tensors).item() == pytest.approx(expected, rel=1e-6, abs=1e-7 * n.max())


@pytest.mark.parametrize("lapse", [0.0, 0.1])
def test_gradients_are_those_of_finite_differences(lapse: float):
    logits = torch.linspace(-4, 4, 7, dtype=torch.float64, requires_grad=True)
    judge, weights = torch.linspace(0, 1, 7, dtype=torch.float64), torch.arange(7.0, dtype=torch.float64)
    lapses = torch.tensor([0.0, *[lapse] * 6], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: vote_loss(x, judge, weights, lapses), logits)


def test_a_lapse_bounds_what_one_vote_costs():
    wrong = torch.tensor([-500.0], requires_grad=True)
    loss = vote_loss(wrong, torch.tensor([1.0]), ONE, torch.tensor([0.1]))
    assert loss.item() == pytest.approx(-np.log(0.05), rel=1e-6)
    loss.backward()
    assert wrong.grad is not None
    assert wrong.grad.item() == pytest.approx(0, abs=1e-6)
    assert vote_loss(wrong, torch.tensor([1.0]), ONE, NONE).item() == pytest.approx(500)
