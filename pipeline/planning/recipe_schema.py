"""The JSON Schema of recipes, for editors: from the models of recipes and judges, and from what is registered.

It is of draft 7, which editors know best. What a schema cannot say (that a chain is left, that counts fit) is
refused when the recipe is read.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from bappsmith.distortions.registry import operators
from bappsmith.manifests.docstring import attributes, paragraphs
from bappsmith.manifests.recipe.distort import FAMILY_FORMAT, SET, TAG, TERM_FORMAT
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.named_sets import named_sets
from bappsmith.pipeline.judging.named_metric import NamedMetric
from bappsmith.pipeline.judging.registry import judges

Schema: TypeAlias = dict[str, Any]

_PATH = r"^(2afc/(train|val)|jnd/val)/[A-Za-z0-9_-]*[A-Za-z0-9][A-Za-z0-9_-]*$"

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer"}
_NULL: Schema = {"type": "null"}
_FORMATS = {TERM_FORMAT: "Term", FAMILY_FORMAT: "Family"}
"""Format in the schema of a model → definition that takes its place."""


def recipe_schema() -> Schema:
    """Return the schema. Operators, families, tags and judges of one's own are allowed beside the known ones."""
    known = judges()
    models = [(Recipe, "validation"), *((judge, "validation") for judge in known.values())]
    references, made = models_json_schema(models, ref_template="#/definitions/{model}", schema_generator=_Generator)
    definitions: Schema = made["$defs"]
    names = {name: _name(references[judge, "validation"]) for name, judge in known.items()}
    for name in names.values():  # the settings of a judge are beside its name
        definitions[name]["properties"]["kind"] = True
    definitions["JudgeSpec"] = _judge(definitions["JudgeSpec"], names)
    metric = definitions[NamedMetric.__name__]
    definitions[NamedMetric.__name__] = {"anyOf": [{"type": "string"}, metric], "description": metric["description"]}
    _complete_subset(definitions["SubsetRecipe"])
    recipe = definitions.pop(_name(references[Recipe, "validation"]))
    ours = {"Term": _terms(), "Family": _families(), **definitions}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **recipe, "definitions": dict(sorted(ours.items()))}
    return _adapted(schema)


def schema_text() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(recipe_schema(), indent=2, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """Take descriptions of fields from the docstrings of their models."""

    def model_schema(self, schema: Any) -> Schema:
        """Describe a model and its fields."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        made["description"] = "\n\n".join(paragraphs(model.__doc__))
        described: dict[str, str] = {}
        for base in reversed(model.__mro__):
            described |= attributes(base.__dict__.get("__doc__"))
        for name, field in made.get("properties", {}).items():
            if name in described:
                field["description"] = described[name]
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles: they repeat the names."""
        return False


def _name(reference: Schema) -> str:
    return reference["$ref"].rpartition("/")[2]


def _judge(spec: Schema, names: dict[str, str]) -> Schema:
    """Return the schema of a judge: known ones with their settings, and any other name with any settings."""
    kind = spec["properties"]["kind"]
    kind = {"anyOf": [{"enum": list(names)}, {"type": "string", "pattern": kind["pattern"]}], **_described(kind)}
    settings = [
        {
            "if": {"properties": {"kind": {"const": judge}}, "required": ["kind"]},
            "then": {"$ref": f"#/definitions/{definition}"},
        }
        for judge, definition in names.items()
    ]
    return {"type": "object", **_described(spec), "properties": {"kind": kind}, "required": ["kind"], "allOf": settings}


def _described(schema: Schema) -> Schema:
    return {"description": schema["description"]} if "description" in schema else {}


def _complete_subset(subset: Schema) -> None:
    """Add what the model checks of its path and counts."""
    subset["properties"]["path"]["pattern"] = _PATH
    subset["if"] = {"properties": {"path": {"pattern": "^jnd/"}}}
    independent = {"pairing": {"const": "independent"}}
    subset["then"] = {"required": ["pairs"], "properties": {"pairs": _COUNT, "triplets": _NULL, **independent}}
    subset["else"] = {"required": ["triplets"], "properties": {"triplets": _COUNT, "pairs": _NULL}}


def _terms() -> Schema:
    known = operators()
    families = sorted({op.family for op in known.values()})
    tags = sorted(f"{TAG}{tag}" for tag in {tag for op in known.values() for tag in op.tags})
    sets = [f"{SET}{name}" for name in named_sets()]
    return {
        "description": f"An operator, a family, {TAG}NAME or {SET}NAME; also operators, families and tags of your own.",
        "anyOf": [
            {"enum": [*sets, *families, *tags, *(name for name in sorted(known) if name not in families)]},
            {"type": "string", "pattern": f"^(?!{SET})"},
        ],
    }


def _families() -> Schema:
    families = sorted({op.family for op in operators().values()})
    return {"description": "A family of operators; also one of your own.", "anyOf": [{"enum": families}, _TEXT]}


def _adapted(node: Any) -> Any:
    """Return a schema in terms of draft 7, with references in place of our formats, and without whole defaults."""
    if isinstance(node, list):
        return [_adapted(element) for element in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") in _FORMATS:
        return {"$ref": f"#/definitions/{_FORMATS[node['format']]}"}
    kept = {key: _adapted(value) for key, value in node.items() if not (key == "default" and "$ref" in node)}
    if "prefixItems" in kept:
        kept["items"] = kept.pop("prefixItems")
    return kept
