"""The rank net and the losses, by hand."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.training.rank import RankNet, hinge_loss, ordering_loss, rank_loss


def test_the_rank_net_has_the_published_size_and_inputs():
    net = RankNet(torch.Generator().manual_seed(0))
    assert sum(p.numel() for p in net.parameters()) == 1281
    d0, d1 = torch.tensor([0.3]), torch.tensor([0.1])
    layers = net.layers
    inputs = torch.tensor([[0.3, 0.1, 0.2, 0.3 / 0.2, 0.1 / 0.4]])
    torch.testing.assert_close(net(d0, d1), layers(inputs)[:, 0])


def test_losses_by_hand():
    # -ln σ(1) = 0.313262; -ln(1 - σ(1)) = 1.313262
    assert rank_loss(torch.tensor([1.0]), torch.tensor([1.0])).item() == pytest.approx(0.313262, abs=1e-6)
    assert rank_loss(torch.tensor([1.0]), torch.tensor([0.25])).item() == pytest.approx(1.063262, abs=1e-6)
    # p1 judged the closer (1): d0 > d1 is the right way up.
    up = ordering_loss(torch.tensor([2.0]), torch.tensor([1.0]), torch.tensor([1.0])).item()
    down = ordering_loss(torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([1.0])).item()
    assert (up, down) == (pytest.approx(0.313262, abs=1e-6), pytest.approx(1.313262, abs=1e-6))


def test_the_hinge_loss_by_hand():
    d0, d1 = torch.tensor([0.5, 0.5, 0.2, 0.9]), torch.tensor([0.1, 0.45, 0.6, 0.1])
    judge = torch.tensor([1.0, 1.0, 0.75, 0.5])
    # Right by .4; right by .05, lacking .05; wrong by .4 at half weight, lacking .5; no majority.
    assert hinge_loss(d0, d1, judge, 0.1).item() == pytest.approx((0 + 0.05 + 0.5 * 0.5 + 0) / 4)
