"""LPIPS as an embedding: squared distances of vectors are distances of images."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.evaluation.squared_distances import squared_distances
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def images(side: int = 64) -> torch.Tensor:
    made = torch.rand(5, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    made[1] = (made[0] + 0.01 * made[2]).clamp(-1, 1)  # two that are near
    return made


@pytest.mark.parametrize("forms", [("local",), ("mean",), ("local", "mean")])
@pytest.mark.parametrize("kind", ["cosine", "lpips"])
@pytest.mark.parametrize("net", ["alex", "squeeze"])
def test_squared_distances_are_those_of_the_metric(net: str, kind, forms, with_heads):
    metric: LPIPS = with_heads(net, kind, forms=forms)
    if kind == "lpips":
        metric.units.copy_(torch.linspace(0.5, 2, len(metric.units)))  # scales of forms count too
    batch = images()
    with torch.inference_mode():
        vectors = metric.embedding(batch)
        pairs = torch.stack([metric(one.expand_as(batch), batch).flatten() for one in batch[:, None]])
    assert vectors.dtype == torch.float32
    found = squared_distances(vectors)
    torch.testing.assert_close(found, pairs, rtol=1e-6, atol=1e-9)
    assert not found.diagonal().any()
    torch.testing.assert_close(squared_distances(vectors[:2], vectors), pairs[:2], rtol=1e-6, atol=1e-9)


def test_the_length_of_vectors_and_their_gradients(with_heads):
    metric: LPIPS = with_heads("alex", "lpips")
    assert metric.embedding(images()[:1]).shape == (1, 31872)
    assert metric.embedding(images(224)[:1]).shape == (1, 484992)
    image = images()[:1].clone().requires_grad_()
    metric.embedding(image).square().sum().backward()
    assert image.grad is not None
    assert image.grad.isfinite().all()


def test_metrics_that_are_no_embedding_are_refused(with_heads):
    def damaged(head: int, channel: int, value: float, *forms: str) -> LPIPS:
        metric = with_heads("squeeze", "lpips", forms=forms or ("local",))
        with torch.no_grad():
            metric.heads[head][channel] = value
        return metric

    for metric, message in (
        (with_heads("squeeze", "lpips", forms=("local", "structure")), "form 'structure' is no squared distance"),
        (with_heads("squeeze", "cosine", forms=("covariance",)), "form 'covariance' is no squared distance"),
        (with_heads("squeeze", "fc"), "fully connected head"),
        (LPIPS("squeeze", trunk_weights=0, spatial=True), "spatial"),
        (damaged(2, 3, -0.1), r"its head lin2\.model\.1\.weight, of layer .*7.*, has -0\.1 at channel 3"),
        (damaged(8, 0, float("nan"), "local", "mean"), r"its head mean1\.weight, of layer .*, has nan at channel 0"),
        (damaged(0, 5, float("inf")), r"its head lin0\.model\.1\.weight, of layer .*, has inf at channel 5"),
    ):
        with pytest.raises(BappsmithError, match=f"this metric is no embedding: .*{message}"):
            metric.embedding(images())
    with pytest.raises(BappsmithError, match="images must be a float tensor"):
        with_heads("squeeze", "lpips").embedding(images()[0])
