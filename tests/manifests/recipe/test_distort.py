"""How recipes choose chains: terms, slots and patterns."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.distort import MAX_LENGTH, Distort
from bappsmith.manifests.recipe.model import Recipe


def recipe(distort: dict[str, Any], **change: Any) -> Recipe:
    subset = {"path": "2afc/train/a", "triplets": 3, "distort": distort, **change}
    return Recipe.from_dict({"name": "x", "subsets": [subset]})


def test_one_term_needs_no_list():
    short = Distort.model_validate(yaml.safe_load("patterns: [[set:contexts, jpeg]]\nexclude_pairs: [[noise, blur]]"))
    long = Distort.model_validate(
        {"patterns": [[["set:contexts"], ["jpeg"]]], "exclude_pairs": [[["noise"], ["blur"]]]}
    )
    assert short == long
    assert short.patterns == ((("set:contexts",), ("jpeg",)),)


@pytest.mark.parametrize(
    "distort",
    [
        {},
        {"length": [1, 3, MAX_LENGTH]},
        {"operators": ["set:bapps-traditional", "denoiser"], "exclude": ["noise"]},
        {"patterns": [["set:bapps-traditional", "denoiser"], ["denoiser", ["tag:x", "blur"]]]},
    ],
)
def test_what_is_written_is_read_back(distort: dict[str, Any]):
    assert Recipe.from_yaml(recipe(distort).to_yaml()) == recipe(distort)


def test_the_default_is_as_before():
    assert recipe({}).subsets[0].distort.families == ("photometric", "noise", "blur", "spatial", "compression")
    assert recipe({}).subsets[0].distort.length == (1, 2)
    assert recipe({"patterns": [["jpeg"]]}).subsets[0].distort.length == ()


@pytest.mark.parametrize(
    ("distort", "words"),
    [
        ({"operators": ["set:bapps-tradtional"]}, "unknown set 'bapps-tradtional': did you mean 'bapps-traditional'"),
        ({"exclude_pairs": [["set:context", "jpeg"]]}, "did you mean 'contexts'"),
        ({"patterns": [["jpeg", "set:"]]}, "unknown set ''"),
        ({"patterns": [["jpeg"]], "length": [1]}, "patterns take the place of length, found both"),
        ({"patterns": [["jpeg"]], "families": ["noise"]}, "patterns take the place of families, found both"),
        ({"patterns": [["jpeg"]], "operators": ["jpeg"]}, "patterns take the place of operators, found both"),
        ({"patterns": ["jpeg"]}, r"'subsets\.0\.distort\.patterns\.0' must be a list, found 'jpeg'"),
        ({"patterns": [[]]}, r"patterns\.0' must be a list of at least 1, found \[\]"),
        ({"patterns": [[[]]]}, r"patterns\.0\.0' must be a list of at least 1, found \[\]"),
        ({"patterns": [["jpeg"] * (MAX_LENGTH + 1)]}, f"must be a list of at most {MAX_LENGTH}, found"),
        ({"patterns": [["jpeg"]] * 65}, "must be a list of at most 64, found"),
        ({"patterns": [[[True]]]}, "must be text, found True"),
        ({"length": []}, "length is empty"),
        ({"length": [0]}, "must be at least 1, found 0"),
        ({"length": [MAX_LENGTH + 1]}, f"must be at most {MAX_LENGTH}, found {MAX_LENGTH + 1}"),
        ({"length": [2, 2]}, "names each length once"),
        ({"exclude_pairs": [["noise", "blur", "jpeg"]]}, "exclude_pairs"),
        ({"pattern": [["jpeg"]]}, "unknown recipe key 'pattern': did you mean 'patterns'"),
    ],
)
def test_impossible_rules_are_refused_in_one_line(distort: dict[str, Any], words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        recipe(distort)
    assert str(refused.value).isprintable()


def test_same_degradation_needs_single_operators():
    ranking = {"judge": {"kind": "context", "ranking": ["a", "b"]}, "pairing": "same-degradation"}
    recipe({"length": [1]}, **ranking)
    recipe({"patterns": [["jpeg"], ["blur"]]}, **ranking)
    with pytest.raises(BappsmithError, match=r"same-degradation needs chains of one operator, found lengths 1, 2"):
        recipe({}, **ranking)
    with pytest.raises(BappsmithError, match="found lengths 2; use length"):
        recipe({"patterns": [["jpeg", "blur"]]}, **ranking)
