"""recipe schema: the JSON Schema for editors, printed or in a file."""

from __future__ import annotations

import json
from pathlib import Path

from .commands import error


def test_the_schema_is_printed_or_written(bappsmith, tmp_path: Path):
    printed = bappsmith("recipe", "schema")
    assert (printed.status, json.loads(printed.out)["title"]) == (0, "Recipe")
    written = bappsmith("recipe", "schema", "--out", "recipe.schema.json")
    assert written.out.splitlines()[-1] == "# yaml-language-server: $schema=recipe.schema.json"
    assert (tmp_path / "recipe.schema.json").read_text(encoding="utf-8") == printed.out
    assert "nowhere" in error(bappsmith("recipe", "schema", "--out", "nowhere/recipe.schema.json"))


def test_operators_of_ones_own_are_in_the_schema(bappsmith):
    bappsmith("distortions", "new", "my_mist")
    assert '"my_mist"' in bappsmith("recipe", "schema", "--plugin", "my_mist.py").out
