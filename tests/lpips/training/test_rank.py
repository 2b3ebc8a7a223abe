"""The rank net, by hand."""

from __future__ import annotations

import torch

from bappsmith.lpips.training.rank import RankNet


def test_the_rank_net_has_the_published_size_and_inputs():
    net = RankNet(torch.Generator().manual_seed(0))
    assert sum(p.numel() for p in net.parameters()) == 1281
    d0, d1 = torch.tensor([0.3]), torch.tensor([0.1])
    layers = net.layers
    inputs = torch.tensor([[0.3, 0.1, 0.2, 0.3 / 0.2, 0.1 / 0.4]])
    torch.testing.assert_close(net(d0, d1), layers(inputs)[:, 0])
