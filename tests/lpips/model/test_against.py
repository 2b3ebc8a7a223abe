"""A target without gradient costs no backward pass, and a fixed target runs the trunk once."""

from __future__ import annotations

import pytest
import torch

from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def pair(count: int = 2, side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    target = torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return target, (target + 0.3 * torch.randn(target.shape, generator=torch.Generator().manual_seed(1))).clamp(-1, 1)


def gradient(distance, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    image = image.clone().requires_grad_()
    distances = distance(image)
    distances.sum().backward()
    assert image.grad is not None
    return distances.detach(), image.grad


@pytest.fixture(params=["local", "fc", "others", "spatial"])
def metric(request: pytest.FixtureRequest, with_heads) -> LPIPS:
    if request.param == "others":
        return with_heads("squeeze", "lpips", forms=("local", "mean", "structure"))
    made = with_heads("squeeze", "fc" if request.param == "fc" else "lpips")
    made.spatial = request.param == "spatial"
    return made


def test_one_sided_gradients_are_those_of_both_sides(metric: LPIPS):
    target, image = pair()
    values, both = gradient(lambda one: metric(target.clone().requires_grad_(), one), image)
    for distance in (lambda one: metric(target, one), metric.against(target), lambda one: metric(one, target)):
        got, one_sided = gradient(distance, image)
        torch.testing.assert_close(got, values, atol=1e-7, rtol=1e-6)
        assert (one_sided - both).abs().max() <= 1e-6 * both.abs().max()
    assert len(values) == 2  # per sample


def test_the_trunk_records_nothing_of_a_target_and_needs_no_gradients(monkeypatch: pytest.MonkeyPatch, with_heads):
    metric: LPIPS = with_heads("squeeze", "lpips")
    assert not any(weights.requires_grad for weights in metric.trunk.parameters())
    recorded: list[bool] = []
    run = metric.activations

    def activations(images: torch.Tensor) -> list[torch.Tensor]:
        taps = run(images)
        recorded.append(taps[0].requires_grad)
        return taps

    monkeypatch.setattr(metric, "activations", activations)
    target, image = pair()
    metric(target, image.requires_grad_())
    assert recorded == [False, True]
    distance = metric.against(target)
    distance(image), distance(image)
    assert recorded[2:] == [False, True, True]
    metric.trunk.requires_grad_(True)  # a trunk that trains needs both sides
    metric(target, image.detach()).sum().backward()
    assert recorded[5:] == [True, True]
    assert next(iter(metric.trunk.parameters())).grad is not None


@pytest.mark.parametrize("net", ["alex", "squeeze"])
def test_equal_images_have_exactly_no_distance_and_no_gradient(net: str, with_heads):
    metric, (target, _) = with_heads(net, "lpips"), pair()
    for distance in (metric.against(target), lambda image: metric(target, image)):
        distances, found = gradient(distance, target)
        assert not distances.any()
        assert not found.any()


def test_a_target_of_inference_mode_and_images_in_zero_to_one(with_heads):
    metric: LPIPS = with_heads("squeeze", "lpips")
    with torch.inference_mode():
        target, image = pair()
        distance = metric.against((target + 1) / 2, normalize=True)
    got, _ = gradient(distance, ((image + 1) / 2).clone())
    with torch.inference_mode():
        torch.testing.assert_close(got, metric(target, image), atol=1e-6, rtol=1e-5)


def test_one_target_for_many_images(with_heads):
    metric, (target, image) = with_heads("squeeze", "lpips"), pair()
    with torch.inference_mode():
        torch.testing.assert_close(metric.against(target[:1])(image), metric(target[:1].expand_as(image), image))


def test_autocast_runs_with_finite_gradients_near_those_of_float32(with_heads):
    metric: LPIPS = with_heads("squeeze", "lpips")
    target, image = pair()
    exact, exact_gradient = gradient(lambda one: metric(target, one), image)

    def autocast(distance):
        def run(one: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                return distance(one)

        return run

    for distance in (lambda one: metric(target, one), metric.against(target)):
        got, found = gradient(autocast(distance), image)
        assert got.dtype == torch.float32
        torch.testing.assert_close(got, exact, atol=0, rtol=0.05)
        assert found.isfinite().all()
        assert torch.cosine_similarity(found.flatten(), exact_gradient.flatten(), dim=0) > 0.95
        _, still = gradient(autocast(lambda one: metric(target, one)), target)
        assert still.isfinite().all()


def test_images_that_do_not_fit_the_target_are_refused(with_heads):
    metric, (target, image) = with_heads("squeeze", "lpips"), pair(3)
    for wrong, message in (
        (image[:2], "3 images and 2 images; give equal numbers"),
        (image[..., :32], "differ in size"),
        (image.byte(), "image1 must be a float tensor"),
    ):
        with pytest.raises(BappsmithError, match=message):
            metric.against(target)(wrong)
        with pytest.raises(BappsmithError, match=message):
            metric(target, wrong)
    with pytest.raises(BappsmithError, match="target must be a float tensor"):
        metric.against(target[0])
