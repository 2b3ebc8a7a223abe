"""Named sets of operators. Each is a YAML file in `sets/`: a list of names. A new file is a new set."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bappsmith.manifests.errors import unknown_name
from bappsmith.manifests.plain_text import printable

from .plain_yaml import load_yaml

_SETS = files("bappsmith.manifests.recipe") / "sets"


@cache
def named_sets() -> tuple[str, ...]:
    """Return the names of all sets, sorted."""
    return tuple(sorted(path.name.removesuffix(".yaml") for path in _SETS.iterdir()))


@cache
def named_set(name: str) -> tuple[str, ...]:
    """Return the names of the operators of a set, in the order of its file.

    Args:
        name: of the set, such as "bapps-traditional".

    Raises:
        BappsmithError: there is no such set; the message suggests the nearest one.
    """
    if name not in named_sets():
        raise unknown_name("set", printable(name, 60), named_sets())
    return tuple(load_yaml((_SETS / f"{name}.yaml").read_text(encoding="utf-8")))
