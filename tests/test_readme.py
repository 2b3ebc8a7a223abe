"""What the README and the docs show works as shown."""

from __future__ import annotations

import re
from pathlib import Path

from bappsmith.cli.main import app
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.plugins import load_plugin
from bappsmith.distortions.registry import operator
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.pipeline.planning.chains import allowed_chains

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, start: str) -> str:
    """The code block that begins with `start`."""
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in found if text.startswith(start))


def test_the_first_own_recipe_is_valid():
    recipe = Recipe.from_yaml(block("yaml", "name: my-distortions"))
    assert [subset.count for subset in recipe.subsets] == [5000, 500, 500]
    assert all(allowed_chains(subset.distort, subset.path) for subset in recipe.subsets)


def test_the_first_own_operator_keeps_the_contract(tmp_path: Path):
    (tmp_path / "pixelate.py").write_text(block("python", "# pixelate.py"))
    (name,) = load_plugin(tmp_path / "pixelate.py")
    assert check_operator(operator(name), natural_patches(24)) == []


def test_every_command_shown_exists_with_its_options():
    import typer

    shown = set()
    for line in re.findall(r"^(?:.* && )?(?:\.venv/bin/)?bappsmith (.*)$", README, re.MULTILINE):
        words = line.split("#")[0].split()
        command = typer.main.get_command(app)
        while hasattr(command, "commands"):
            shown.add(words[0])
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
    assert {"quickstart", "generate", "show", "verify", "replay", "train", "evaluate", "distortions"} <= shown


def test_shipped_recipes_and_linked_pages_exist():
    assert all(f"`{name}`" in README for name in shipped_recipes())
    for target in re.findall(r"\]\(((?:docs/|CONTRIBUTING)[^)]*)\)", README):
        assert (ROOT / target).is_file()


def test_the_table_of_recipe_keys_is_complete():
    table = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    keys = [*Recipe.model_fields, *SubsetRecipe.model_fields]
    for key in keys:
        assert re.search(rf"`{key}[.`]", table), key
