"""Names that the shell completes. None of this imports torch: a person waits for it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

_PACKAGE = Path(__file__).parent.parent


def recipes() -> list[str]:
    """Return the names of the shipped recipes."""
    from bappsmith.manifests.recipe.load import shipped_recipes

    return shipped_recipes()


def operators() -> list[str]:
    """Return the names of the operators that need no plugin."""
    from bappsmith.distortions.registry import operators as known

    return list(known())


def families() -> list[str]:
    """Return the families of these operators."""
    from bappsmith.distortions.registry import operators as known

    return sorted({op.family for op in known().values()})


def tags() -> list[str]:
    """Return the tags of these operators."""
    from bappsmith.distortions.registry import operators as known

    return sorted({tag for op in known().values() for tag in op.tags})


def sets() -> list[str]:
    """Return the named sets of operators."""
    from bappsmith.manifests.recipe.named_sets import named_sets

    return list(named_sets())


def judges() -> list[str]:
    """Return the names of the judges: those of their files."""
    return _files("pipeline/judges")


def tasks() -> list[str]:
    """Return the tasks of networks: the names of their files."""
    return _files("distortions/cnn/tasks")


def metrics() -> list[str]:
    """Return the names of metrics. The source says them, because importing it imports torch."""
    functions = (node for node in _parse("lpips/evaluation/baselines.py") if isinstance(node, ast.FunctionDef))
    baselines = [one.name for one in functions if any(ast.unparse(by) == "_baseline" for by in one.decorator_list)]
    shipped = sorted(path.stem for path in (_PACKAGE / "lpips/model/shipped").glob("*.safetensors"))
    networks = (name for name in _keys("lpips/evaluation/metrics.py", "NETWORKS") if name.islower())
    return [*baselines, *networks, *shipped]


def nets() -> list[str]:
    """Return the trunks that have a short name."""
    return _keys("lpips/model/backbones.py", "NETS")


def forms() -> list[str]:
    """Return the forms of datasets."""
    from bappsmith.manifests.forms.form import FORMS

    return list(FORMS)


def complete(names: Callable[[], Iterable[str]]) -> Any:
    """Return what typer calls with the beginning of a word, to get the names that begin like this."""

    def matching(context: typer.Context, incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return matching


def _files(folder: str) -> list[str]:
    return sorted(path.stem for path in (_PACKAGE / folder).glob("*.py") if path.stem != "__init__")


def _parse(file: str) -> list[ast.stmt]:
    return ast.parse((_PACKAGE / file).read_text(encoding="utf-8")).body


def _keys(file: str, name: str) -> list[str]:
    """Return the keys of a literal mapping in a file of source."""
    for node in _parse(file):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Dict() as value) if found == name:
                return [str(key) for key in ast.literal_eval(value)]
            case _:
                continue
    return []
