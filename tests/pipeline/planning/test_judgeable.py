"""Which judges can judge what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.planning.judgeable import with_judges
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.terms import drawable

PHOTOGRAPHS = tuple(Photograph(f"{i:02d}.png", f"sha{i}", 300, 400, f"pixels{i}") for i in range(4))


def plan(path: str, operators: list[str], **change: Any) -> None:
    count = {"pairs" if path.startswith("jnd") else "triplets": 9}
    distort = {"operators": operators, "length": [1], **change.pop("distort", {})}
    recipe = Recipe.from_dict({"name": "x", "subsets": [{"path": path, **count, "distort": distort, **change}]})
    Planner(recipe, recipe.subsets[0], PHOTOGRAPHS).plan(0)


@pytest.mark.parametrize("judge", [{}, {"judge": {"kind": "psychometric", "midpoint": 0.5}}])
def test_a_threshold_needs_calibrated_operators(judge: dict[str, Any]):
    plan("jnd/val/x", ["jpeg", "shift"], **judge)
    with pytest.raises(
        BappsmithError,
        match=r"^subset jnd/val/x: judge psychometric .*context_blur, context_darken have no calibrated severity",
    ):
        plan("jnd/val/x", ["jpeg", "context_darken", "context_blur"], **judge)
    with pytest.raises(BappsmithError, match="context_zoom has no calibrated severity"):
        plan("jnd/val/x", ["context_zoom"], **judge)


@pytest.mark.parametrize("judge", [{}, {"judge": {"kind": "severity"}}])
@pytest.mark.parametrize("pairing", ["independent", "different-operators"])
def test_severities_of_different_operators_compare_where_they_are_calibrated(pairing: str, judge: dict[str, Any]):
    plan("2afc/train/x", ["jpeg", "shift"], pairing=pairing, **judge)
    with pytest.raises(
        BappsmithError, match=r"^subset 2afc/train/x: judge severity compares .*context_zoom has no calibrated severity"
    ):
        plan("2afc/train/x", ["jpeg", "context_zoom"], pairing=pairing, **judge)


def test_severities_of_one_operator_always_compare():
    plan("2afc/train/x", ["context_darken", "context_zoom"], pairing="same-chain")
    plan("2afc/train/x", ["context_darken", "context_zoom"], pairing="same-chain", distort={"length": [1, 2]})
    plan("2afc/train/x", ["context_darken"])


def test_two_operators_in_one_chain_are_two_scales():
    with pytest.raises(BappsmithError, match="judge severity"):
        plan("2afc/train/x", ["context_darken", "context_zoom"], distort={"length": [2]})


def test_an_operator_that_no_chain_can_hold_needs_no_basis():
    pairs = [["context_zoom", "jpeg"], ["context_zoom", "shift"], ["jpeg", "context_zoom"], ["shift", "context_zoom"]]
    plan("2afc/train/x", ["context_zoom", "jpeg", "shift"], distort={"length": [2], "exclude_pairs": pairs})


def test_a_ranking_needs_no_calibration_and_names_what_is_drawn():
    names = ["context_darken", "context_zoom", "jpeg"]
    plan("2afc/train/x", names, judge={"kind": "context", "ranking": names})
    with pytest.raises(BappsmithError, match="the ranking lacks jpeg, which can be drawn"):
        plan("2afc/train/x", names, judge={"kind": "context", "ranking": names[:2]})
    with pytest.raises(BappsmithError, match=r"unknown operator in the ranking 'shft': did you mean 'shift'"):
        plan("2afc/train/x", names, judge={"kind": "context", "ranking": [*names, "shft"]})


@pytest.mark.parametrize("name", shipped_recipes())
def test_no_shipped_recipe_asks_a_threshold_of_contexts(name: str):
    for subset in Recipe.load(name).subsets:
        if subset.where.kind == "jnd":
            assert not any(operator.startswith("context_") for operator in drawable(subset.distort))


@pytest.mark.parametrize(
    ("path", "operators", "change", "judge"),
    [
        ("2afc/train/x", ["jpeg", "gaussian_blur"], {}, "scale"),
        ("2afc/train/x", ["jpeg", "gaussian_blur"], {"pairing": "same-chain"}, "severity"),  # its order is certain
        ("2afc/train/x", ["context_darken"], {}, "severity"),  # of no known damage
        ("jnd/val/x", ["jpeg", "gaussian_blur"], {}, "psychometric"),
        ("2afc/val/x", ["superres_nearest", "superres_bicubic"], {"pairing": "same-degradation"}, "metric"),
    ],
)
def test_the_default_judge_fits_what_is_drawn(path: str, operators: list[str], change: dict[str, Any], judge: str):
    count = {"pairs" if path.startswith("jnd") else "triplets": 9}
    distort = {"operators": operators, "length": [1]}
    recipe = Recipe.from_dict({"name": "x", "subsets": [{"path": path, **count, "distort": distort, **change}]})
    (sealed,) = with_judges(recipe).subsets
    assert sealed.judge is not None
    assert sealed.judge.kind == judge
    assert with_judges(recipe.model_copy(update={"subsets": (sealed,)})).subsets == (sealed,)
