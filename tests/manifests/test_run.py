"""What a dataset is made from, and the fingerprint over it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph

RECIPE = Recipe.from_dict({"name": "a", "seed": 3, "subsets": [{"path": "2afc/train/a", "triplets": 5}]})
PHOTOGRAPHS = (Photograph("a.png", "1" * 64, 90, 80, "2" * 64), Photograph("b.png", "3" * 64, 70, 60, "4" * 64))
RUN = Run(RECIPE, PHOTOGRAPHS, {"mine": "5" * 64}, {"numpy": "2.0"})
FIRST = RUN.as_parent()
DERIVED = replace(RUN, plugins={}, parents=(FIRST,), selection="6" * 64)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"recipe": RECIPE.model_copy(update={"seed": 4})}, {"recipe"}),
        ({"photographs": PHOTOGRAPHS[:1]}, {"photographs"}),
        ({"photographs": PHOTOGRAPHS[::-1]}, {"photographs"}),
        ({"plugins": {"mine": "7" * 64}}, {"plugins"}),
        ({"versions": {"numpy": "2.1"}}, {"numpy"}),
        ({"versions": {"numpy": "2.0", "torch": "2"}}, {"torch"}),
        ({"parents": (FIRST,), "selection": "6" * 64}, {"selection"}),
    ],
)
def test_whatever_decides_pixels_changes_the_fingerprint_and_is_named(change: dict[str, object], parts: set[str]):
    other = replace(RUN, **change)
    assert other.fingerprint() != RUN.fingerprint()
    assert {key for key in {**RUN.parts(), **other.parts()} if RUN.parts().get(key) != other.parts().get(key)} == parts


def test_a_form_is_another_folder_and_not_another_dataset():
    other = replace(RUN, form="tar")
    assert other.fingerprint() == RUN.fingerprint()
    assert other.work_parts() == {**RUN.work_parts(), "form": "tar"}


@pytest.mark.parametrize("run", [RUN, DERIVED, replace(RUN, bank_photographs=("8" * 64,), form="packed")])
def test_a_run_comes_back_from_json(run: Run):
    text = json.dumps(run.to_json())
    assert Run.from_json(json.loads(text)) == run
    assert Run.from_json(json.loads(text)).fingerprint() == json.loads(text)["fingerprint"]


@pytest.mark.parametrize("key", ["recipe", "photographs", "plugins", "versions", "form", "bank_photographs"])
def test_a_part_that_is_missing_is_one_line(key: str):
    data = RUN.to_json()
    del data[key]
    with pytest.raises(BappsmithError, match="of this dataset are damaged"):
        Run.from_json(data)
    with pytest.raises(BappsmithError, match="of this dataset are damaged"):
        Run.from_json({**RUN.to_json(), "photographs": [{"name": "a.png"}]})


def test_the_run_that_items_were_first_made_in():
    parent = DERIVED.parent(RUN.fingerprint())
    assert (parent.recipe, parent.photographs, parent.plugins) == (RUN.recipe, RUN.photographs, RUN.plugins)
    assert parent.fingerprint() == RUN.fingerprint()
    with pytest.raises(BappsmithError, match="no parent 999"):
        DERIVED.parent("999")
