"""The JSON Schema of recipes accepts what the models accept, and refuses what an editor can see is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.load import read_recipe, shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.plain_yaml import load_yaml
from bappsmith.pipeline.planning.recipe_schema import recipe_schema

OWN = '''
from bappsmith.distortions import Distortion, Severity, register
from bappsmith.pipeline.judging import Judge, register_judge


@register
class MyHaze(Distortion):
    """Less contrast."""

    source = "ours"
    tags = frozenset({"weather"})
    amount = Severity(0.1, 0.9, unit="share")

    def apply(self, image, *, amount):
        return image


@register_judge
class TossUp(Judge):
    """Heads or tails."""

    bias: float = 0.5
'''


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema that ships."""
    return json.loads((files("bappsmith.manifests.recipe") / "shipped/recipe.schema.json").read_text(encoding="utf-8"))


def accepts(schema: Mapping[str, Any], recipe: object) -> bool:
    return jsonschema.Draft7Validator(schema).is_valid(recipe)


def test_the_schema_is_a_schema_and_has_no_reference_that_leads_nowhere(schema: dict[str, Any]):
    jsonschema.Draft7Validator.check_schema(schema)
    for reference in {part.split('"')[0] for part in json.dumps(schema).split("#/definitions/")[1:]}:
        assert reference in schema["definitions"]


def test_the_shipped_schema_is_up_to_date(schema: dict[str, Any]):
    # In a new process: other tests register operators and judges.
    code = "from bappsmith.pipeline.planning.recipe_schema import schema_text; print(schema_text())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == schema, (
        "run `bappsmith recipe schema --out manifests/recipe/shipped/recipe.schema.json`"
    )


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_are_valid_and_name_the_schema(schema: dict[str, Any], name: str):
    text = read_recipe(name)
    assert text.startswith("# yaml-language-server: $schema=recipe.schema.json\n")
    jsonschema.Draft7Validator(schema).validate(load_yaml(text))


def test_what_a_finished_dataset_says_is_valid(schema: dict[str, Any]):
    assert accepts(schema, Recipe.load("contexts").to_dict())


SUBSET = {"path": "2afc/train/a", "triplets": 5}


def recipe(**change: object) -> dict[str, Any]:
    return {"name": "a", "subsets": [{**SUBSET, **change}]}


ACCEPTED = [
    recipe(),
    recipe(pairing="same-chain", judge={"kind": "severity"}),
    recipe(judge=None),
    recipe(judge={"kind": "context", "ranking": ["jpeg", "shift"], "votes": 5}),
    recipe(judge={"kind": "annotators", "metrics": ["gmsd", {"metric": "lpips", "net": "alex"}], "judges": ["scale"]}),
    recipe(distort={"patterns": [["noise", ["jpeg", "set:contexts"]]], "exclude_pairs": [["noise", ["blur"]]]}),
    recipe(distort={"operators": ["my_operator", "tag:mine"], "severity": [0.2, 0.5]}),
    recipe(distort={"families": ["noise", "my_family"], "length": [1]}),
    {"name": "a", "subsets": [{"path": "jnd/val/a", "pairs": 5}], "scale": [1, 2], "flat": {"below": 3}},
]
REFUSED = [
    {"name": "a"},
    {"name": "a b", "subsets": [SUBSET]},
    {"name": "a", "subsets": []},
    {"name": "a", "subsets": [SUBSET], "pach": 64},
    {"name": "a", "subsets": [SUBSET], "patch": 4},
    {"name": "a", "subsets": [SUBSET], "sources": {"val_fraction": 1.5}},
    recipe(path="3afc/train/a"),
    recipe(triplets=0),
    recipe(triplets=True),
    recipe(pairs=5),
    {"name": "a", "subsets": [{"path": "jnd/val/a", "triplets": 5}]},
    {"name": "a", "subsets": [{"path": "jnd/val/a", "pairs": 5, "pairing": "same-chain"}]},
    recipe(pairing="different"),
    recipe(judge={"votes": 3}),
    recipe(judge={"kind": "scale", "votes": -1}),
    recipe(judge={"kind": "scale", "vote": 1}),
    recipe(judge={"kind": "context", "ranking": ["jpeg"]}),
    recipe(distort={"operators": ["set:unknown"]}),
    recipe(distort={"length": [9]}),
    recipe(distort={"exclude_pairs": [["noise", "blur", "jpeg"]]}),
    recipe(distort={"patterns": [[[]]]}),
]


@pytest.mark.parametrize("data", ACCEPTED, ids=str)
def test_valid_recipes_are_accepted(schema: dict[str, Any], data: dict[str, Any]):
    Recipe.from_dict(data)
    assert accepts(schema, data)


@pytest.mark.parametrize("data", REFUSED, ids=str)
def test_invalid_recipes_are_refused(schema: dict[str, Any], data: dict[str, Any]):
    assert not accepts(schema, data)


@pytest.mark.parametrize("data", [data for data in REFUSED if "'kind'" not in str(data)], ids=str)
def test_what_the_schema_refuses_the_models_refuse(data: dict[str, Any]):
    with pytest.raises(BappsmithError):
        Recipe.from_dict(data)


def test_fields_judges_and_settings_are_described(schema: dict[str, Any]):
    definitions = schema["definitions"]
    assert "photograph" in definitions["Sources"]["properties"]["val_fraction"]["description"]
    assert "Attributes" not in json.dumps(schema)
    for rule in definitions["JudgeSpec"]["allOf"]:
        settings = definitions[rule["then"]["$ref"].rpartition("/")[2]]
        assert settings["description"]
        assert all(setting["description"] for key, setting in settings["properties"].items() if key != "kind")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "own.py").write_text(OWN)
    use_plugins([tmp_path / "own.py"])
    yield
    use_plugins([])


@pytest.mark.usefixtures("own")
def test_own_operators_and_judges_are_named():
    schema = recipe_schema()
    names = schema["definitions"]["Term"]["anyOf"][0]["enum"]
    assert {"my_haze", "custom", "tag:weather", "set:contexts", "jpeg"} <= set(names)
    assert not accepts(schema, recipe(judge={"kind": "toss_up", "bias": "heads"}))
    assert accepts(schema, recipe(judge={"kind": "toss_up", "bias": 0.2}))
