"""Find recipes: files, and recipes that ship with bappsmith, by name."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.plain_text import printable

from .text_file import read_text_file

_SHIPPED = files("bappsmith.manifests.recipe") / "shipped"


def read_recipe(recipe: str | Path) -> str:
    """Read the text of a recipe file or of a shipped recipe.

    Args:
        recipe: path of a file, or name of a shipped recipe.

    Raises:
        BappsmithError: there is no such file or shipped recipe, or the file cannot be read.
    """
    path = Path(recipe)
    named_as_file = path.suffix in (".yaml", ".yml") or len(path.parts) > 1
    try:
        exists = path.exists() and (named_as_file or not path.is_dir())
    except OSError as error:
        raise BappsmithError(
            f"{printable(str(path), 200)}: cannot be read ({error.strerror}); give a readable YAML file"
        ) from error
    if exists:
        return read_text_file(path)
    name, shipped = printable(str(recipe), 200), shipped_recipes()
    if named_as_file:
        raise BappsmithError(f"recipe {name}: no such file. Shipped: {', '.join(shipped)}.")
    if str(recipe) not in shipped:
        raise unknown_name("recipe", name, shipped)
    return (_SHIPPED / f"{recipe}.yaml").read_text(encoding="utf-8")


def shipped_recipes() -> list[str]:
    """Return the names of the shipped recipes."""
    return sorted(path.name.removesuffix(".yaml") for path in _SHIPPED.iterdir() if path.name.endswith(".yaml"))
