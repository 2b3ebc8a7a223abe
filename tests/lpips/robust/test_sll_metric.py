"""The learnt embedding: its constant is that of what it computes."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.robust.sll_metric import CHANNELS, SllMetric

pytest.importorskip("orthogonium")


def test_negative_scales_count_as_zero_in_the_constant_as_in_the_embedding() -> None:
    metric = SllMetric()
    with torch.no_grad():
        metric.scales.copy_(torch.tensor([[1.0], [-0.4], [-0.4]]).expand(3, CHANNELS))
    negative = metric.lipschitz_constant()
    images = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        before = metric.embedding(images)
        metric.scales.clamp_(min=0)
        assert metric.embedding(images).equal(before)
    assert negative == metric.lipschitz_constant() == 1
