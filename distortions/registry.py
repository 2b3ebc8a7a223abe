"""Finding operators: every file in a family folder, plugins, and entry points."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

from ..manifests.errors import BappsmithError, unknown_name
from .base import Distortion

_D = TypeVar("_D", bound=type[Distortion])
_operators: dict[str, Distortion] = {}
_discovered = False

ENTRY_POINT_GROUP = "bappsmith.distortions"


def register(cls: _D) -> _D:
    """Class decorator: make an operator known under its name.

    Raises:
        BappsmithError: another class has that name already.
    """
    known = _operators.get(cls.name)
    if known is not None and _origin(type(known)) != _origin(cls):
        raise BappsmithError(
            f"operator '{cls.name}' is defined twice, in {_origin(type(known))} and {_origin(cls)}; "
            "rename one of them"
        )
    _operators[cls.name] = cls()
    return cls


def _origin(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _discover() -> None:
    """Import every module of the family folders, then the installed entry points; once per process.

    Families whose import is heavy keep it inside their functions (the CNN family imports torch
    only when it is applied), so that discovery stays light.
    """
    global _discovered
    if _discovered:
        return
    package = importlib.import_module(__package__ or "bappsmith.distortions")
    for family in pkgutil.iter_modules(package.__path__, prefix=f"{package.__name__}."):
        if family.ispkg:
            folder = importlib.import_module(family.name)
            for module in pkgutil.iter_modules(folder.__path__, prefix=f"{family.name}."):
                importlib.import_module(module.name)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            entry.load()
        except Exception as error:
            raise BappsmithError(
                f"entry point {entry.name} ({entry.value}) cannot be loaded: {error!r}"
            ) from error
    _discovered = True


def operators() -> dict[str, Distortion]:
    """Every known operator, name → instance, sorted by family and name."""
    _discover()
    return dict(sorted(_operators.items(), key=lambda item: (item[1].family, item[0])))


def operator(name: str) -> Distortion:
    """The operator of that name.

    Raises:
        BappsmithError: there is none; the nearest known name is suggested.
    """
    _discover()
    try:
        return _operators[name]
    except KeyError:
        raise unknown_name("operator", name, _operators) from None


def load_plugin(path: Path | str) -> list[str]:
    """Import a person's own operator file; loading the same file again changes nothing.

    Args:
        path: a Python file that defines operators with `@register`.

    Returns:
        The names the file registered.

    Raises:
        BappsmithError: the file does not exist, fails to import or registers no operator.
    """
    _discover()
    file = Path(path).resolve()
    if not file.is_file():
        raise BappsmithError(f"plugin {path}: no such file")
    # The name carries the path, so that two plugins called my_op.py in two folders stay apart.
    module_name = f"bappsmith_plugin_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_{file.stem}"
    if module_name not in sys.modules:
        spec = importlib.util.spec_from_file_location(module_name, file)
        if spec is None or spec.loader is None:
            raise BappsmithError(f"plugin {path}: not a Python file (expected a name ending in .py)")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except BappsmithError:
            del sys.modules[module_name]
            raise
        except Exception as error:
            del sys.modules[module_name]
            raise BappsmithError(f"plugin {path} fails to import: {type(error).__name__}: {error}") from error
    names = [name for name, known in _operators.items() if type(known).__module__ == module_name]
    if not names:
        raise BappsmithError(f"plugin {path} registers no operator; decorate the class with @register")
    return names
