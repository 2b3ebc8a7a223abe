"""Recipes by file and by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.load import read_recipe, shipped_recipes
from bappsmith.manifests.recipe.model import Recipe

TEXT = "name: x\nsubsets: [{path: 2afc/train/a, triplets: 3}]\n"


def test_shipped_recipes_are_read_by_name_also_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bapps").mkdir()
    assert "bapps" in shipped_recipes()
    assert Recipe.load("bapps").name == "bapps"
    (tmp_path / "contexts").write_text(TEXT)
    assert Recipe.load("contexts").name == "x"


@pytest.mark.parametrize("name", ["recipe.yaml", "recipe"])
def test_a_recipe_that_is_no_regular_file_is_refused_by_name(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / name)
    with pytest.raises(BappsmithError, match=rf"{name}: not a regular file"):
        Recipe.load(tmp_path / name)
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(BappsmithError, match=r"folder\.yaml: not a regular file"):
        Recipe.load(tmp_path / "folder.yaml")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quikstart", "did you mean 'quickstart'"),
        ("nowhere/recipe.yaml", "no such file"),
        ("none.yml", "no such file"),
        ("a\nb", r"unknown recipe 'a\\nb'"),
        ("a\0b", r"unknown recipe 'a\\x00b'"),
        ("a" * 5000, "cannot be read"),
    ],
)
def test_what_is_not_there_is_one_line(name: str, words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        read_recipe(name)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


def test_an_error_names_the_file(tmp_path: Path):
    (tmp_path / "a\nb.yaml").write_text("a: [")
    with pytest.raises(BappsmithError, match=r"a\\nb\.yaml: not YAML: line 1"):
        Recipe.load(tmp_path / "a\nb.yaml")
