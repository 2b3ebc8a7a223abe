"""From terms to names of operators."""

from __future__ import annotations

from typing import Any

import pytest

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import operators, register
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.distort import Distort
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.named_sets import named_set
from bappsmith.pipeline.planning.terms import check_terms, drawable, names_of, patterns_of, with_names

NOISES = tuple(name for name, op in operators().items() if op.family == "noise")


class Grainy(Distortion):
    """Has tags and the name of a family."""

    name = "noise"
    family = "grain"
    tags = frozenset({"film", "analogue"})
    amount = Severity(1, 2, "levels")


def of(**distort: Any) -> Distort:
    return Distort.model_validate(distort)


def test_terms_name_operators_families_tags_and_sets():
    assert names_of(["jpeg"]) == ("jpeg",)
    assert names_of(["noise"]) == NOISES
    assert names_of(["jpeg", "set:bapps-traditional", "jpeg"]) == ("jpeg", *named_set("bapps-traditional")[:-1])
    register(Grainy)
    assert names_of(["tag:film", "tag:analogue"]) == ("noise",)
    assert names_of(["noise"]) == ("noise",)  # an operator comes before a family of that name
    assert names_of(["not here"]) == ("not here",)


@pytest.mark.parametrize(
    ("distort", "words"),
    [
        ({"operators": ["jpg"]}, "unknown operator 'jpg': did you mean 'jpeg'"),
        ({"operators": ["bapps-traditional"]}, "did you mean 'set:bapps-traditional'"),
        ({"patterns": [["noise", ["blur", "noize"]]]}, "unknown operator 'noize': did you mean 'noise'"),
        ({"exclude": ["blurr"]}, "did you mean 'blur'"),
        ({"exclude_pairs": [["jpeg", "tag:flim"]]}, "unknown tag 'flim': did you mean 'film'"),
        ({"operators": ["film"]}, "did you mean 'tag:film'"),
        ({"families": ["set:contexts"]}, "unknown family 'set:contexts'"),
    ],
)
def test_a_term_that_names_nothing_is_refused_with_the_nearest_one(distort: dict[str, Any], words: str):
    register(Grainy)
    with pytest.raises(BappsmithError, match=words) as refused:
        check_terms(of(**distort))
    assert str(refused.value).isprintable()


def test_every_length_is_a_pattern_of_equal_slots():
    names = ("jpeg", "contrast")
    assert patterns_of(of(operators=list(names), length=[1, 3])) == ((names,), (names, names, names))
    assert patterns_of(of(patterns=[["jpeg", "set:contexts"]])) == ((("jpeg",), named_set("contexts")),)


def test_excluded_operators_are_left_out_of_every_slot():
    left = drawable(of(families=["noise", "compression"], exclude=["noise"]))
    assert left == names_of(["compression"])
    assert "jpeg" in left
    slots = patterns_of(of(patterns=[["set:bapps-traditional", "jpeg"]], exclude=["noise", "spatial"]))[0]
    assert not set(slots[0]) & set(NOISES)
    assert slots[1] == ("jpeg",)


@pytest.mark.parametrize("name", shipped_recipes())
def test_names_in_place_of_terms_draw_the_same_and_stay_so(name: str):
    recipe = Recipe.load(name)
    named = with_names(recipe)
    for before, after in zip(recipe.subsets, named.subsets, strict=True):
        assert patterns_of(before.distort) == patterns_of(after.distort)
        assert not any(":" in term for term in after.distort.terms())
    assert with_names(named) == named
    assert Recipe.from_yaml(named.to_yaml()) == named


def test_a_recipe_with_names_does_not_see_a_family_grow():
    recipe = with_names(Recipe.from_dict({"name": "x", "subsets": [{"path": "2afc/train/a", "triplets": 3}]}))
    before = drawable(recipe.subsets[0].distort)
    grown = type("Grown", (Grainy,), {"name": "grown", "family": "noise"})
    register(grown)
    assert "grown" in drawable(of())
    assert drawable(recipe.subsets[0].distort) == before
