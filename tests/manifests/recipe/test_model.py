"""Recipes: round trips, refusals that name the nearest key, and what ships."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe

MINIMAL = {"name": "x", "subsets": [{"path": "2afc/train/a", "triplets": 3}]}


def test_everything_but_path_and_count_has_a_default():
    recipe = Recipe.from_dict(MINIMAL)
    assert recipe.subsets[0].judge is None
    assert recipe.subsets[0].severity == (0.0, 1.0)
    assert recipe.patch == 64


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_survive_yaml(name: str):
    recipe = Recipe.load(name)
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    assert recipe.name == name


def test_free_text_survives_yaml():
    text = "é\x85b\u2028c\n\t# d\ufeff: {'\"}\u2029"
    recipe = Recipe.from_dict({**MINIMAL, "context": text, "sources": {"path": f"p{text}", "license": text}})
    assert Recipe.from_yaml(recipe.to_yaml()) == recipe
    assert "é" in Recipe.from_dict({**MINIMAL, "context": "é"}).to_yaml()


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
        (subset(triplets=1_000_001), ["2afc/train/a", "1,000,000", "1,000,001"]),
        (subset(triplets=0), ["triplets", "found 0"]),
        (subset(path="2afc/trian/a"), ["2afc/trian/a", "2afc/train/NAME"]),
        (subset(path="2afc/train/../b"), ["2afc/train/../b"]),
        (subset(pairs=3), ["'triplets'", "'pairs'"]),
        (subset(distort={"severity": [0.8, 0.2]}), ["severity", "[0.8, 0.2]"]),
        (subset(distort={"length": [9]}), ["length", "found 9"]),
        ({**MINIMAL, "scale": [0.5, 2]}, ["scale", "[0.5, 2.0]"]),
        ({**MINIMAL, "scale": [1, 1e308]}, ["scale", "1024"]),
        (subset(triplets=True), ["'triplets'", "must not be true or false"]),
        (subset(distort={"length": [True]}), ["'length'", "must not be true or false"]),
        (subset(path="jnd/train/a", triplets=None, pairs=3), ["jnd/train/a", "jnd/val/NAME"]),
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
    with pytest.raises(BappsmithError, match=r"key '(seed|path)' occurs twice"):
        Recipe.from_yaml(text)


def test_yaml_runs_no_code():
    with pytest.raises(BappsmithError, match=r"tag !!python/object/apply:os\.getcwd is not allowed"):
        Recipe.from_yaml("name: !!python/object/apply:os.getcwd []")


def test_errors_are_one_line_whatever_stands_in_keys_and_values():
    subsets = '[{path: 2afc/train/a, triplets: 1, judge: {kind: "a\\nb"}}]'
    for text in (
        '"a\\nb": 1',
        f"? {'k' * 100_000}\n: 1",
        "name: [" + "a, " * 10_000 + "]",
        'name: "\\x1b[31m"',
        'name: x\nsubsets: [{path: "a\\nb", triplets: 1}]',
        f"name: x\nsubsets: {subsets}",
        "name: x\nseed: .nan\nsubsets: []",
        "name: x\nflat: {below: .inf}\nsubsets: [{path: 2afc/train/a, triplets: 1}]",
        "",
        "5",
    ):
        with pytest.raises(BappsmithError) as refused:
            Recipe.from_yaml(text)
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    "data", [{"seed": 10**5000}, {"seed": "9" * 5000}, {"scale": [1, 10**400]}, {"name": "\ud800"}]
)
def test_plain_data_that_yaml_could_not_bring_is_refused_in_one_line(data: dict[str, object]):
    with pytest.raises(BappsmithError) as refused:
        Recipe.from_dict({**MINIMAL, **data})
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


def test_a_path_with_a_nul_is_refused():
    with pytest.raises(BappsmithError, match="a path must not hold NUL"):
        Recipe.from_dict({**MINIMAL, "sources": {"path": "photos\0"}})


SHIPPED = [Recipe.load(name).to_yaml() for name in shipped_recipes()]
SHIPPED += [(files("bappsmith.manifests.recipe") / f"shipped/{name}.yaml").read_text() for name in shipped_recipes()]
ODD = [
    "&a ",
    "*a",
    "*traditional",
    "<<: ",
    "!!python/object:x ",
    "!x ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\t",
    "'",
    '"',
    "|",
    ">",
    "?",
]
ODD += [
    "%",
    "@",
    "`",
    "\0",
    "\ufeff",
    "\ud800",
    '"\\ud800"',
    "\x85",
    "2026-99-99",
    "9" * 5000,
    ".nan",
    "-.inf",
    "~",
    "1e400",
    "0x",
    "\r",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A shipped recipe with pieces cut out, repeated and put in."""
    text = draw(st.sampled_from(SHIPPED))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 40))
        text = text[:start] + draw(st.sampled_from([*ODD, text[start:end] * 2]) | st.text(max_size=5)) + text[end:]
    return text


@given(st.text() | st.lists(st.sampled_from(ODD)).map("".join) | mutated())
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_recipe_or_one_line(text: str):
    problem, recipe = "", None
    try:
        recipe = Recipe.from_yaml(text)
    except BappsmithError as error:
        problem = str(error)
    assert problem.isprintable()
    assert recipe is None or Recipe.from_yaml(recipe.to_yaml()) == recipe
