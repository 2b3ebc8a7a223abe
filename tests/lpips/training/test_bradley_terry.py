"""The model of choice without a network."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.training.bradley_terry import BradleyTerry


def test_it_predicts_the_share_of_strengths():
    d0, d1 = torch.tensor([0.2, 0.0, 0.3]), torch.tensor([0.1, 0.4, 0.3])
    shares = BradleyTerry()(d0, d1).sigmoid().tolist()
    first, second = 0.3**4 / (0.3**4 + 0.2**4), 0.1**4 / (0.1**4 + 0.5**4)
    assert shares == pytest.approx([first, second, 0.5], rel=1e-5)


def test_the_worse_patch_never_gets_more_votes():
    model, distances = BradleyTerry(), torch.linspace(0, 2, 50)
    with torch.no_grad():
        model.log_sureness.fill_(-20.0)  # as unsure as one can be
    logits = model(distances, torch.full((50,), 0.7))
    assert (logits.diff() > 0).all()
    assert torch.equal(model(torch.full((50,), 0.7), distances), -logits)


def test_a_distance_that_noise_made_negative_counts_as_0():
    model = BradleyTerry()
    d1 = torch.tensor([0.3])
    assert model(torch.tensor([-5.0]), d1).item() == model(torch.tensor([0.0]), d1).item()


def test_gradients_are_those_of_finite_differences():
    model = BradleyTerry().double()
    d0, d1 = (torch.rand(6, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(model, (d0, d1))
    model(d0.detach(), d1.detach()).sum().backward()
    assert model.log_sureness.grad is not None
