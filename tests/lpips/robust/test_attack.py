"""Attacks stay within their budget, find what exists, and never find what is certified not to exist."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import Tensor

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.robust.attack import AttackConfig, attack_subset, spaced, turn
from bappsmith.lpips.robust.budget import Budget, budgets_of_255
from bappsmith.lpips.robust.certify import certified_scores, certify
from bappsmith.lpips.robust.dct_metric import DctMetric
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric, Pixels
from bappsmith.manifests.errors import BappsmithError

BUDGETS = budgets_of_255([36, 108, 400], [1, 4])


@pytest.mark.parametrize("moved", ["ref", "p0", "p1"])
@pytest.mark.parametrize("name", ["pixels", "dct"])
def test_attacks_leave_at_least_what_is_certified(
    loaded: PackedSubset, trained: DctMetric, name: str, moved: str
) -> None:
    metric: LipschitzMetric = Pixels() if name == "pixels" else trained
    certified = certify(metric, loaded)
    attacked = attack_subset(metric, loaded, BUDGETS, AttackConfig(moved=moved, steps=5))  # type: ignore[arg-type]
    for budget in BUDGETS:
        assert not (certified.held(budget, moved) & ~attacked.held[budget]).any()  # type: ignore[arg-type]
    proved = certified_scores(certified, loaded.labels.numpy(), None, BUDGETS, moved)  # type: ignore[arg-type]
    for low, high in zip(proved, attacked.scores(None), strict=True):
        assert low.score <= high.score


@pytest.mark.parametrize("lowered", [0.0, 1.0, 100.0])
def test_the_attack_on_l2_finds_the_exact_radius(lowered: float) -> None:
    """For l2 the radius is exact, where no pixel meets an end of the range: a search for it must come close.

    It does not depend on a number that is taken from all distances: none, all, or one of two can be below 0.
    """
    generator = torch.Generator().manual_seed(0)
    ref, p0, p1 = (torch.rand(6, 3, 16, 16, generator=generator) * 0.4 - 0.2 for _ in range(3))
    d0, d1, between = (Pixels()(*pair).double() for pair in ((ref, p0), (ref, p1), (p0, p1)))
    radius = (d0 - d1).abs() / (2 * between.sqrt())
    middle = float((d0 + d1)[0] / 2)

    def metric(one: Tensor, two: Tensor) -> Tensor:
        return Pixels()(one, two) - lowered * middle

    config = AttackConfig(steps=20)
    for index in range(6):
        images = [image[index : index + 1] for image in (ref, p0, p1)]
        for share, found in ((0.98, False), (1.02, True)):
            budget = Budget("l2", share * float(radius[index]))
            assert turn(metric, images, budget, config, torch.Generator().manual_seed(0)).item() == found


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_images_stay_valid_and_within_the_budget(norm: str) -> None:
    seen: list[Tensor] = []

    def metric(one: Tensor, two: Tensor) -> Tensor:
        seen.append(one.detach().clone())
        return Pixels()(one, two)

    generator = torch.Generator().manual_seed(0)
    ref, p0, p1 = (torch.rand(3, 3, 16, 16, generator=generator) * 2 - 1 for _ in range(3))
    budget = Budget(norm, 0.05)  # type: ignore[arg-type]
    turn(metric, [ref, p0, p1], budget, AttackConfig(steps=6, starts=2), torch.Generator().manual_seed(1))
    for image in seen:
        if len(image) == 3:
            change = ((image - ref) / 2).flatten(1)
            sizes = change.norm(dim=1) if norm == "l2" else change.abs().amax(dim=1)
            assert sizes.max() <= 0.05 * (1 + 1e-5)
        assert image.min() >= -1
        assert image.max() <= 1


def test_an_image_that_equals_the_reference_can_be_left(with_heads: Callable[..., LPIPS]) -> None:
    """The gradient of LPIPS at equal images is 0, so the search begins elsewhere."""
    metric = with_heads("alex", "lpips")
    generator = torch.Generator().manual_seed(0)
    ref = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
    near = (ref + 0.02 * torch.randn(ref.shape, generator=generator)).clamp(-1, 1)
    assert turn(metric, [ref, ref, near], Budget("l2", 2.0), AttackConfig(), generator).item()


def test_equal_seeds_give_equal_results_and_only_agreeing_items_are_attacked(loaded: PackedSubset) -> None:
    budgets = budgets_of_255([400], None)
    first, second = (attack_subset(BASELINES["l2"], loaded, budgets, AttackConfig(steps=3)) for _ in range(2))
    assert all(np.array_equal(first.held[one], second.held[one]) for one in budgets)
    assert first.held[budgets[0]][first.agreement < 0.5].all()


@pytest.mark.parametrize("moved", ["ref", "p0"])
def test_negative_distances_are_attacked_as_others_are(loaded: PackedSubset, moved: str) -> None:
    """PSNR is l2 on a logarithmic scale, in negative dB: it judges, and its judgments turn, as those of l2."""
    config = AttackConfig(moved=moved, steps=5)  # type: ignore[arg-type]
    attacked = {name: attack_subset(BASELINES[name], loaded, BUDGETS, config) for name in ("l2", "psnr")}
    assert np.array_equal(attacked["psnr"].agreement, attacked["l2"].agreement)
    for budget in BUDGETS:
        assert np.array_equal(attacked["psnr"].held[budget], attacked["l2"].held[budget])
    assert attacked["psnr"].held[BUDGETS[0]].mean() > 0


def test_items_are_evenly_spaced(loaded: PackedSubset) -> None:
    assert len(spaced(loaded, 5)) == 5
    assert spaced(loaded, 0) is loaded
    assert spaced(loaded, 1000) is loaded


def test_a_metric_that_gives_nan_is_refused_in_one_line(loaded: PackedSubset, trained: DctMetric) -> None:
    metric = deepcopy(trained)
    with torch.no_grad():
        metric.weights[0] = torch.nan
    for refused in (lambda: certify(metric, loaded), lambda: attack_subset(metric, loaded, BUDGETS)):
        with pytest.raises(BappsmithError, match="NaN or infinite") as caught:
            refused()
        assert "\n" not in str(caught.value)


def test_bad_settings_are_one_line(loaded: PackedSubset) -> None:
    with pytest.raises(BappsmithError, match="steps must be at least 1"):
        AttackConfig(steps=0)
    with pytest.raises(BappsmithError, match="moved must be ref, p0 or p1, found 'p2'"):
        AttackConfig(moved="p2")  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match="unit of images in"):
        attack_subset(BASELINES["l2"], loaded, [Budget("l2", 36.0)])


@pytest.mark.parametrize("moved", ["ref", "p1"])
def test_metrics_without_gradients_are_refused_in_one_line(loaded: PackedSubset, moved: str) -> None:
    def detached(one: Tensor, two: Tensor) -> Tensor:
        return BASELINES["l2"](one.detach(), two.detach())

    scale = torch.ones(1, requires_grad=True)

    def only_of_its_weights(one: Tensor, two: Tensor) -> Tensor:
        return detached(one, two) * scale

    for metric in (detached, only_of_its_weights):
        with pytest.raises(BappsmithError, match=f"the metric gives no gradient of {moved}") as caught:
            attack_subset(metric, loaded, BUDGETS, AttackConfig(moved=moved))  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)
