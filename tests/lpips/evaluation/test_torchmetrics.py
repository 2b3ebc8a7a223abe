"""Metrics for loops of torchmetrics, with the real package."""

from __future__ import annotations

import importlib
import sys

import pytest
import torch

from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

torchmetrics = pytest.importorskip("torchmetrics")
from bappsmith.lpips.evaluation.torchmetrics import PerceptualDistance, TwoAFC  # noqa: E402


@pytest.fixture(scope="module")
def metric() -> LPIPS:
    return LPIPS("alex", trunk_weights=0, taps=("features.1",))


@pytest.fixture(scope="module")
def images() -> list[torch.Tensor]:
    drawn = torch.Generator().manual_seed(0)
    return [torch.rand(7, 3, 32, 32, generator=drawn) for _ in range(3)]


def test_the_mean_distance_does_not_depend_on_batches(metric: LPIPS, images: list[torch.Tensor]):
    x, y, _ = images
    running = PerceptualDistance(metric, normalize=True)
    assert isinstance(running, torchmetrics.Metric)
    for part in (slice(0, 3), slice(3, 4), slice(4, 7)):
        running.update(x[part], y[part])
    assert running.compute().item() == pytest.approx(metric(x, y, normalize=True).mean().item(), rel=1e-5)
    one = running(x[:2], y[:2]).item()  # a call gives the value of its batch alone
    assert one == pytest.approx(metric(x[:2], y[:2], normalize=True).mean().item(), rel=1e-5)
    running.reset()
    running.update(x[:1], x[:1])
    assert running.compute().item() == 0


def test_processes_are_joined_by_sums(metric: LPIPS, images: list[torch.Tensor]):
    x, y, _ = images
    parts = [PerceptualDistance(metric) for _ in range(2)]
    parts[0].update(x[:3], y[:3])
    parts[1].update(x[3:], y[3:])
    parts[0].merge_state(parts[1])
    assert parts[0].compute().item() == pytest.approx(metric(x, y).mean().item(), rel=1e-5)


def test_gradients_pass(metric: LPIPS, images: list[torch.Tensor]):
    x, y = images[0].clone().requires_grad_(), images[1]
    running = PerceptualDistance(metric)
    running(x, y).backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0


def test_the_2afc_score_is_that_of_the_evaluation(metric: LPIPS, images: list[torch.Tensor]):
    ref, p0, p1 = (2 * one - 1 for one in images)
    p1[2] = p0[2]
    judge = torch.tensor([0, 0.2, 0.4, 0.6, 0.8, 1, 1])
    running = TwoAFC(metric)
    for part in (slice(0, 5), slice(5, 7)):
        running.update(ref[part], p0[part], p1[part], judge[part].view(-1, 1))
    with torch.no_grad():
        d0, d1 = (metric(ref, p).flatten() for p in (p0, p1))
    assert running.compute().item() == pytest.approx(two_afc_scores(d0, d1, judge).mean(), abs=1e-6)
    assert running.higher_is_better


def test_a_collection_takes_it(metric: LPIPS, images: list[torch.Tensor]):
    both = torchmetrics.MetricCollection({"lpips": PerceptualDistance(metric), "mse": torchmetrics.MeanSquaredError()})
    both.update(images[0], images[1])
    assert set(both.compute()) == {"lpips", "mse"}


def test_the_package_is_an_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torchmetrics", None)
    monkeypatch.delitem(sys.modules, "bappsmith.lpips.evaluation.torchmetrics")
    with pytest.raises(BappsmithError, match=r"pip install 'bappsmith\[torchmetrics\]'"):
        importlib.import_module("bappsmith.lpips.evaluation.torchmetrics")
