"""The comparison of form "local" in one step is the plain formula, with its gradients of any order."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.model.forms import unit_normalise
from bappsmith.lpips.model.unit_difference import mean_square_unit_difference


def features(seed: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(2, 4, 3, 2, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("counts", [(2, 2), (1, 2), (2, 1)])
def test_gradients_of_first_and_second_order(counts: tuple[int, int]):
    pair = tuple(features(k)[:count].requires_grad_() for k, count in enumerate(counts))
    assert torch.autograd.gradcheck(mean_square_unit_difference, pair)
    assert torch.autograd.gradgradcheck(mean_square_unit_difference, pair)
    target = pair[1].detach()
    assert torch.autograd.gradgradcheck(lambda image: mean_square_unit_difference(image, target), pair[:1])


def test_values_and_gradients_are_those_of_the_plain_formula():
    found = []
    for compare in (
        mean_square_unit_difference,
        lambda one, two: (unit_normalise(one) - unit_normalise(two)).square().mean(dim=(2, 3)),
    ):
        pair = [features(k, torch.float32).relu() for k in (0, 1)]
        pair[0][0, :, 0, 0] = 0  # silent
        pair = [one.requires_grad_() for one in pair]
        columns = compare(*pair)
        columns.square().sum().backward()
        found.append((columns.detach(), *(one.grad for one in pair)))
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain, atol=1e-7, rtol=1e-5)


def test_equal_features_and_silent_ones_give_exact_zeros():
    for image in (features(3, torch.float32), torch.zeros(2, 4, 3, 2)):
        one, two = image.clone().requires_grad_(), image.clone().requires_grad_()
        columns = mean_square_unit_difference(one, two)
        columns.sum().backward()
        assert one.grad is not None
        assert two.grad is not None
        assert not columns.any()
        assert not one.grad.any()
        assert not two.grad.any()
