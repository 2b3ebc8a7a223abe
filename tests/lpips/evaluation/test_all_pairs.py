"""All pairs in blocks give what single pairs give."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.evaluation import all_pairs as module
from bappsmith.lpips.evaluation.all_pairs import all_pairs
from bappsmith.lpips.evaluation.baselines import l2, vif
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.robust.dct_metric import DctMetric


@pytest.mark.parametrize("forms", [("local",), ("mean", "structure")])
def test_blocks_agree_with_single_pairs(monkeypatch: pytest.MonkeyPatch, forms: tuple[str, ...], with_heads):
    monkeypatch.setattr(module, "QUERIES", 2)
    monkeypatch.setattr(module, "BATCH_PIXELS", 3 * 64 * 64)
    rng = np.random.default_rng(0)
    images = {str(k): rng.integers(0, 256, (64, 64, 3), np.uint8) for k in range(7)}
    lpips = LPIPS("squeeze", trunk_weights=0, forms=forms) if forms != ("local",) else with_heads("squeeze", "fc")
    metrics = {"lpips": lpips, "l2": l2, "vif": vif}  # vif is not symmetric
    calls: list[tuple[int, int]] = []
    queries = ["0", "3", "6"]
    blocks = list(
        all_pairs(queries, list(images), metrics, images.__getitem__, progress=lambda *call: calls.append(call))
    )
    assert [list(block.queries) for block in blocks] == [["0", "3"], ["6"]]
    assert calls[-1] == (21, 21)
    assert calls == sorted(calls)
    for name, metric in metrics.items():
        together = np.concatenate([block.distances[name] for block in blocks])
        assert (together.shape, together.dtype) == ((3, 7), np.float32)
        for row, query in zip(together, queries, strict=True):
            for got, other in zip(row, images.values(), strict=True):
                with torch.inference_mode():
                    pair = (to_signed(torch.from_numpy(image[None])) for image in (images[query], other))
                    assert got == pytest.approx(metric(*pair).item(), rel=1e-4, abs=1e-6)
    assert blocks[0].distances["lpips"][0, 0] == 0


def test_certified_metrics_are_embeddings_too(monkeypatch: pytest.MonkeyPatch):
    """They run once per image, in one block, and give what single pairs give."""
    rng = np.random.default_rng(0)
    images = {str(k): rng.integers(0, 256, (40, 40, 3), np.uint8) for k in range(module.QUERIES + 3)}
    metric = DctMetric()
    embedded: list[int] = []
    embedding = metric.embedding

    def counted(batch: torch.Tensor) -> torch.Tensor:
        embedded.append(len(batch))
        return embedding(batch)

    monkeypatch.setattr(metric, "embedding", counted)
    (block,) = all_pairs(list(images), list(images), {"dct": metric}, images.__getitem__)
    assert sum(embedded) == len(images) + 1  # one image says how long the vectors are
    stacked = to_signed(torch.from_numpy(np.stack(list(images.values()))))
    with torch.inference_mode():
        single = torch.stack([metric(one.expand_as(stacked), stacked) for one in stacked[:, None]])
    np.testing.assert_allclose(block.distances["dct"], single.numpy(), rtol=1e-5)
