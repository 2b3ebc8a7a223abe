"""The losses of certified metrics do not depend on the scale of an embedding, and fall with what they stand for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from bappsmith.lpips.robust.losses import RADII, radius_loss, ratio_loss

D0, D1, BETWEEN = torch.tensor([1.0, 4.0]), torch.tensor([4.0, 1.0]), torch.tensor([1.0, 1.0])
ONES = torch.ones(2)


def _radius(judge: Tensor, squared: float = 1.0, scale: float = 1.0) -> float:
    d0, d1, between = (scale * one for one in (D0, D1, BETWEEN))
    return radius_loss(d0, d1, between, judge, ONES, torch.tensor(scale * squared)).item()


def test_the_radius_loss_is_the_share_of_votes_that_are_not_certified() -> None:
    right, wrong = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])
    assert _radius(right, squared=1e-6) == pytest.approx(0)  # large radii
    assert _radius(wrong, squared=1e-6) == pytest.approx(1)
    assert 0.5 < _radius(right, squared=1e9) < 1  # no radius: below all of `RADII`
    assert _radius(torch.full((2,), 0.5), squared=1e-6) == pytest.approx(0.5)
    assert len(RADII) == 3


def test_a_larger_constant_means_smaller_radii_and_the_scale_does_not_matter() -> None:
    judge = torch.tensor([0.0, 1.0])
    assert _radius(judge, squared=4) > _radius(judge)
    assert _radius(judge, scale=100) == pytest.approx(_radius(judge))
    ratio = [ratio_loss(scale * D0, scale * D1, judge, ONES).item() for scale in (1, 100)]
    assert ratio[0] == pytest.approx(ratio[1])


def test_equal_patches_have_gradients() -> None:
    d0, d1, between = (torch.zeros(2, requires_grad=True) for _ in range(3))
    radius_loss(d0, d1, between, torch.tensor([0.0, 1.0]), ONES, torch.tensor(1.0)).backward()
    for distance in (d0, d1, between):
        assert distance.grad is not None
        assert torch.isfinite(distance.grad).all()
