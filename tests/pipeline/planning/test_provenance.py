"""What touches pixels from elsewhere, and workers that are not alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.planning.plan import Planner, usable_split
from bappsmith.pipeline.planning.provenance import (
    PIXEL_LIBRARIES,
    bank_photographs,
    check_banks,
    check_worker,
    foreign_parts,
    pixel_versions,
)

PHOTOGRAPHS = tuple(Photograph(f"{i}.png", f"sha{i}", 300, 400, f"pixels{i}") for i in range(6))


def planners(*operators: str) -> list[Planner]:
    """Of train and val."""
    distort = {"operators": list(operators), "length": [1]}
    subsets = [{"path": f"2afc/{split}/a", "triplets": 3, "distort": distort} for split in ("train", "val")]
    recipe = Recipe.from_dict({"name": "x", "sources": {"val_fraction": 0.5}, "subsets": subsets})
    return [Planner(recipe, subset, PHOTOGRAPHS) for subset in recipe.subsets]


def run(several: list[Planner]) -> Run:
    recipe = several[0].recipe
    return Run(recipe, PHOTOGRAPHS, foreign_parts(several), pixel_versions(several))


def test_val_never_holds_a_photograph_that_a_bank_learnt_from(monkeypatch: pytest.MonkeyPatch):
    split = usable_split(planners("jpeg")[0].recipe, PHOTOGRAPHS)
    # Any operator may stand for one that draws from a bank.
    for learnt in (split["train"][0], split["val"][0]):
        monkeypatch.setattr(operators()["jpeg"], "learnt_from", frozenset({learnt.pixels_sha256, "of another place"}))
        train, val = planners("jpeg", "contrast")
        assert bank_photographs([train, val]) == tuple(sorted({learnt.pixels_sha256, "of another place"}))
        check_banks([train])
        if learnt in split["train"]:
            check_banks([train, val])
        else:
            words = rf"networks of 'jpeg' were trained on {learnt.name}, which is val in subset 2afc/val/a"
            with pytest.raises(BappsmithError, match=words):
                check_banks([train, val])
    assert bank_photographs(planners("contrast")) == ()


def test_libraries_are_those_that_touch_what_is_drawn():
    assert tuple(pixel_versions(planners("jpeg"))) == PIXEL_LIBRARIES
    assert tuple(pixel_versions(planners("untrained_network"))) == (*PIXEL_LIBRARIES, "torch")


def test_a_worker_like_the_first_is_taken_and_others_are_named():
    ours = planners("jpeg", "contrast")
    started = run(ours)
    check_worker(started, ours)
    other = replace(started, versions={**started.versions, "pillow": "0.1"})
    with pytest.raises(BappsmithError, match=r"a worker has pillow \d[\d.]*, the run was started with 0\.1"):
        check_worker(other, ours)
    with pytest.raises(BappsmithError, match="a worker does not have the operator 'mine'"):
        check_worker(replace(started, plugins={"mine": "0" * 64}), ours)
