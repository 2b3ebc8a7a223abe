"""Recipes: round trips, refusals that name the nearest key, and what ships."""

from __future__ import annotations

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe, shipped_recipes

MINIMAL = {"name": "x", "subsets": [{"path": "2afc/train/a", "triplets": 3}]}


def test_everything_but_path_and_count_has_a_default():
    recipe = Recipe.from_dict(MINIMAL)
    assert recipe.subsets[0].judged_by.kind == "severity"
    assert recipe.subsets[0].severity == (0.0, 1.0)
    assert recipe.patch == 64


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_survive_yaml(name: str):
    recipe = Recipe.load(name)
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    assert recipe.name == name


def test_bapps_traditional_has_the_published_sizes():
    # Facts: BAPPS train traditional 56.6k, val 4720, JND 4.8k.
    sizes = {subset.path: subset.count for subset in Recipe.load("bapps-traditional").subsets}
    assert sizes == {
        "2afc/train/traditional": 56600,
        "2afc/val/traditional": 4720,
        "jnd/val/traditional": 4800,
    }


def test_bapps_is_the_three_recipes_in_one_and_divides_photographs_as_they_do():
    parts = [Recipe.load(name) for name in ("bapps-traditional", "bapps-cnn", "bapps-mix")]
    whole = Recipe.load("bapps")
    assert sorted(whole.subsets, key=str) == sorted((s for part in parts for s in part.subsets), key=str)
    for part in parts:
        assert (part.seed, part.sources) == (whole.seed, whole.sources)
    sizes = {subset.path: subset.count for subset in whole.subsets}
    # Facts: cnn 38.1k train, 4720 val, JND 4.8k; mix 56.6k.
    assert (sizes["2afc/train/cnn"], sizes["2afc/val/cnn"], sizes["jnd/val/cnn"]) == (38100, 4720, 4800)
    assert sizes["2afc/train/mix"] == 56600


def test_digest_follows_content_and_not_the_place_of_photographs():
    here = Recipe.from_dict({**MINIMAL, "sources": {"path": "a"}})
    there = Recipe.from_dict({**MINIMAL, "sources": {"path": "b"}})
    other = Recipe.from_dict({**MINIMAL, "sources": {"path": "a"}, "seed": 1})
    assert here.digest() == there.digest() != other.digest()


def subset(**change: object) -> dict[str, object]:
    return {"name": "x", "subsets": [{**MINIMAL["subsets"][0], **change}]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "x", "subsetz": []}, ["'subsetz'", "did you mean 'subsets'"]),
        (subset(distort={"familys": []}), ["'familys'", "did you mean 'families'", "subsets.0.distort"]),
        (subset(judge={"kind": "sevrity"}), ["'sevrity'", "did you mean 'severity'"]),
        (subset(judge={"kind": "context", "rankin": ["a", "b"]}), ["'rankin'", "did you mean 'ranking'"]),
        (subset(triplets=1_000_001), ["2afc/train/a", "1,000,000", "1,000,001"]),
        (subset(triplets=0), ["triplets", "found 0"]),
        (subset(path="2afc/trian/a"), ["2afc/trian/a", "2afc/train/NAME"]),
        (subset(path="2afc/train/../b"), ["2afc/train/../b"]),
        (subset(pairs=3), ["'triplets'", "'pairs'"]),
        (subset(judge={"kind": "psychometric"}), ["psychometric", "2afc"]),
        (subset(distort={"severity": [0.8, 0.2]}), ["severity", "[0.8, 0.2]"]),
        (subset(distort={"length": [3]}), ["length"]),
        ({**MINIMAL, "scale": [0.5, 2]}, ["scale", "[0.5, 2.0]"]),
        ({**MINIMAL, "scale": [1, 1e308]}, ["scale", "1024"]),
        (subset(triplets=True), ["'triplets'", "no yes or no"]),
        (subset(distort={"length": [True]}), ["'length'", "no yes or no"]),
        (subset(path="jnd/train/a", triplets=None, pairs=3), ["jnd/train/a", "jnd/val/NAME"]),
        (subset(judge={"kind": "context", "ranking": ["a", "b", "a"]}), ["ranking", "a twice"]),
        (
            subset(judge={"kind": "context", "ranking": ["a", "b"]}, pairing="same-chain"),
            ["2afc/train/a", "same-chain", "severity"],
        ),
        ({**MINIMAL, "seed": 2**64}, ["seed"]),
        ({**MINIMAL, "subsets": MINIMAL["subsets"] * 2}, ["2afc/train/a", "twice"]),
        ([1], ["mapping", "list"]),
    ],
)
def test_a_wrong_recipe_is_refused_in_one_line(data: object, words: list[str]):
    with pytest.raises(BappsmithError) as refused:
        Recipe.from_dict(data)
    message = str(refused.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_broken_yaml_and_unknown_names_are_refused():
    with pytest.raises(BappsmithError, match="not YAML"):
        Recipe.from_yaml("a: [")
    with pytest.raises(BappsmithError, match="did you mean 'quickstart'"):
        Recipe.load("quikstart")
    with pytest.raises(BappsmithError, match="no such file"):
        Recipe.load("nowhere/recipe.yaml")


@pytest.mark.parametrize("text", ["seed: 1\nseed: 2", "sources: {path: a, path: b}"])
def test_a_key_that_stands_twice_is_refused(text: str):
    with pytest.raises(BappsmithError, match=r"key '(seed|path)' stands twice"):
        Recipe.from_yaml(text)


def test_yaml_runs_no_code():
    with pytest.raises(BappsmithError, match="not YAML"):
        Recipe.from_yaml("name: !!python/object/apply:os.getcwd []")
