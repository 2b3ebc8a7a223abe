"""Distances of all pairs keep the digits of single pairs, in blocks of any size."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.evaluation import squared_distances as module
from bappsmith.lpips.evaluation.squared_distances import squared_distances


@pytest.mark.parametrize("small_blocks", [False, True])
def test_digits_survive_a_large_mean_and_near_pairs(small_blocks: bool, monkeypatch: pytest.MonkeyPatch):
    if small_blocks:
        for name, value in (("ROWS", 7), ("TERMS", 300), ("GATHERED_BYTES", 3 * 4 * 5000)):
            monkeypatch.setattr(module, name, value)
    generator = torch.Generator().manual_seed(0)
    vectors = 3 + torch.randn(40, 5000, generator=generator)
    vectors[20:30] = vectors[:10] + torch.logspace(-6, -1, 10)[:, None] * torch.randn(10, 5000, generator=generator)
    vectors[30] = vectors[0]
    exact = torch.stack([(one.double() - vectors.double()).square().sum(dim=1) for one in vectors])
    for found in (squared_distances(vectors), squared_distances(vectors, vectors.clone())):
        torch.testing.assert_close(found.double(), exact, rtol=1e-6, atol=0)
        assert found[30, 0] == 0
    assert torch.equal(squared_distances(vectors), squared_distances(vectors).T)
    torch.testing.assert_close(squared_distances(vectors[:1], vectors[5:]).double(), exact[:1, 5:], rtol=1e-6, atol=0)


def test_identical_vectors_and_single_ones():
    vectors = torch.full((3, 10), 2.5)
    assert not squared_distances(vectors).any()
    assert squared_distances(vectors[:1], torch.zeros(1, 10)).item() == 62.5
