"""What the README and the docs show works as shown."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from bappsmith.cli.main import app
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.plugins import load_plugin
from bappsmith.distortions.registry import operator, operators
from bappsmith.manifests.recipe.distort import Distort
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.named_sets import named_sets
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.pipeline.planning.chains import allowed_chains

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, start: str) -> str:
    """The code block that begins with `start`."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in blocks if text.startswith(start))


def test_the_first_own_recipe_is_valid():
    recipe = Recipe.from_yaml(block("yaml", "name: my-distortions"))
    assert [subset.count for subset in recipe.subsets] == [5000, 500, 500]
    assert all(allowed_chains(subset.distort, subset.path) for subset in recipe.subsets)


def test_the_first_own_operator_keeps_the_contract(tmp_path: Path):
    (tmp_path / "banding.py").write_text(block("python", "# banding.py"))
    (name,) = load_plugin(tmp_path / "banding.py")
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
        page, _, heading = target.partition("#")
        assert (ROOT / page).is_file(), target
        if not heading:
            continue
        text = (ROOT / page).read_text(encoding="utf-8")
        headings = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
        assert heading in headings, target


def test_the_table_of_recipe_keys_is_complete():
    table = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    keys = [*Recipe.model_fields, *SubsetRecipe.model_fields, *(f"distort.{key}" for key in Distort.model_fields)]
    for key in keys:
        assert re.search(rf"`{key}[.`]", table), key


def test_examples_of_recipes_are_valid():
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 4
    for number, text in enumerate(examples):
        subset = {"path": f"2afc/train/example{number}", "triplets": 3, **yaml.safe_load(text)}
        distort = Recipe.from_dict({"name": "x", "subsets": [subset]}).subsets[0].distort
        # These come from a bank and from a plugin.
        if not {"denoiser", "restore_cubic"} & set(distort.terms()):
            assert allowed_chains(distort, text).names


def test_named_sets_are_listed():
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    assert all(f"`{name}` (" in page for name in named_sets())


def test_the_architecture_names_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for top in ("manifests", "lpips", "distortions", "pipeline", "annotation"):
        for package in sorted((ROOT / top).rglob("__init__.py")):
            folder = package.parent
            if folder != ROOT / top:
                named = folder.relative_to(ROOT / top).as_posix()
                assert f"`{named}/`" in text, f"docs/architecture.md does not name {top}/{named}/"


def test_files_named_in_the_way_of_one_triplet_exist():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    way = text.partition("## The way of one triplet")[2].partition("\n## ")[0]
    assert re.findall(r"^1?\d\. ", way, re.MULTILINE)
    paths = re.findall(r"`((?:manifests|lpips|distortions|pipeline)/[\w/]+(?:\.py|/))`", way)
    assert len(paths) > 15
    for path in paths:
        assert (ROOT / path).exists(), path


def test_every_operator_has_a_row_of_figures():
    lines = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8").splitlines()
    heading = next(line for line in lines if line.startswith("| operator |"))
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    for name, op in operators().items():
        if type(op).__module__.startswith("bappsmith."):
            assert name in rows, f"docs/operators.md has no row for {name}; run benchmarks/conformance.py"
            assert rows[name].count("|") == heading.count("|")


def test_every_dependency_is_explained():
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    for requirement in requirements:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert re.search(rf"(?<![\w-]){re.escape(name[0].lower())}(?![\w-])", text), name[0]
