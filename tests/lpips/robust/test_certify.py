"""Certified scores, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.robust.budget import Budget, budget_of_255, budgets_of_255
from bappsmith.lpips.robust.certify import certified_scores, certify, lipschitz_metric
from bappsmith.lpips.robust.constant import measure_constant
from bappsmith.lpips.robust.dct_metric import DctMetric
from bappsmith.lpips.robust.lipschitz_metric import Pixels
from bappsmith.manifests.errors import BappsmithError


def test_scores_fall_with_the_radius_and_begin_at_the_natural_score(loaded: PackedSubset, trained: DctMetric) -> None:
    scores = certified_scores(
        certify(trained, loaded), loaded.labels.numpy(), None, budgets_of_255([36, 72, 108], [1, 4])
    )
    assert [score.budget.label if score.budget else None for score in scores] == [
        None,
        "l2 36/255",
        "l2 72/255",
        "l2 108/255",
        "linf 1/255",
        "linf 4/255",
    ]
    shares = [score.score for score in scores]
    assert shares[:4] == sorted(shares[:4], reverse=True)
    assert all(score.interval.low <= score.score <= score.interval.high for score in scores)
    assert all(0 <= score.held <= 1 for score in scores)


def test_votes_that_the_metric_contradicts_cannot_be_lost(loaded: PackedSubset) -> None:
    """A change can only lower a score where the metric agrees with most votes."""
    certified = certify(Pixels(), loaded)
    d0, d1, _ = certified.distances.T
    against = np.where(d0 < d1, 0.75, 0.25)
    scores = certified_scores(certified, against, None, [Budget("l2", 3.0)])
    assert scores[0].score == scores[1].score == 0.25


def test_l2_is_certified_by_the_same_formula_whatever_changes(loaded: PackedSubset) -> None:
    radii = certify(lipschitz_metric(BASELINES["l2"], "l2"), loaded).radii
    assert (radii.ref >= radii.patch / 2 - 1e-9).all()
    assert (radii.all * 4 == radii.patch).all()


def test_what_has_no_constant_is_refused(with_heads: Callable[..., LPIPS]) -> None:
    for metric in (BASELINES["ssim"], with_heads("alex", "lpips")):
        with pytest.raises(BappsmithError, match="no known Lipschitz constant") as caught:
            lipschitz_metric(metric, "given")
        assert "\n" not in str(caught.value)


def test_python_refuses_other_metrics_and_images_in_one_line(
    loaded: PackedSubset, with_heads: Callable[..., LPIPS]
) -> None:
    for metric, name in ((with_heads("squeeze", "lpips"), "LPIPS"), (BASELINES["ssim"], "ssim")):
        with pytest.raises(BappsmithError, match=f"metric {name} cannot be certified: it has no known Lipschitz"):
            certify(metric, loaded)  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match="moved must be ref, p0, p1 or all, found 'p2'"):
        certify(Pixels(), loaded).held(Budget("l2", 0.1), "p2")  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match="norm of a budget must be l2 or linf, found 'l1'"):
        Budget("l1", 0.1)  # type: ignore[arg-type]


def test_jnd_subsets_are_refused(loaded: PackedSubset) -> None:
    with pytest.raises(BappsmithError, match="2AFC"):
        certify(Pixels(), replace(loaded, kind="jnd"))


@pytest.mark.parametrize("levels", [0.14, 0, -1, float("nan")])
def test_radii_below_one_level_have_the_wrong_unit(levels: float) -> None:
    with pytest.raises(BappsmithError, match="1/255"):
        budget_of_255("l2", levels)


def test_radii_beyond_an_eighth_of_the_range_have_the_wrong_unit() -> None:
    Budget("l2", 36 / 255).refuse_too_large(3 * 64 * 64)
    for norm in ("l2", "linf"):
        with pytest.raises(BappsmithError, match="unit of images in"):
            Budget(norm, 36.0).refuse_too_large(3 * 64 * 64)
    with pytest.raises(BappsmithError, match="above 0 and finite"):
        Budget("l2", float("nan"))


def test_no_measurement_exceeds_the_constant(loaded: PackedSubset, trained: DctMetric) -> None:
    before = trained.weights.clone()
    for metric in (Pixels(), trained):
        measured = measure_constant(metric, loaded).to_json()
        assert set(measured) == {"power_iteration", "random_pairs", "searched_pairs"}
        assert max(measured.values()) <= metric.lipschitz_constant() * (1 + 1e-6)
    assert measure_constant(Pixels(), loaded).power_iteration == pytest.approx(1)
    assert trained.weights.equal(before)
