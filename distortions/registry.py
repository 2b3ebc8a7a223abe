"""Finding operators: every file in a family folder, plugins, and entry points."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .base import Distortion

_D = TypeVar("_D", bound=Distortion)
_operators: dict[str, Distortion] = {}
_discovered = False

ENTRY_POINT_GROUP = "bappsmith.distortions"
OF_BANK = ("denoiser", "reweighted_denoiser")
"""Operators that are there once a bank was loaded."""
PLUGIN_PREFIX = "bappsmith_plugin_"


def register(cls: type[_D]) -> type[_D]:
    """Class decorator: make an operator known under its name.

    Raises:
        BappsmithError: another class has that name already.
    """
    known = _operators.get(cls.name)
    if known is not None and _origin(type(known)) != _origin(cls):
        raise BappsmithError(
            f"operator '{cls.name}' is defined twice, in {_origin(type(known))} and {_origin(cls)}; rename one of them"
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
            raise BappsmithError(f"entry point {entry.name} ({entry.value}) cannot be loaded: {error!r}") from error
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
        raise unknown_operator(name) from None


def unknown_operator(name: str, what: str = "operator") -> BappsmithError:
    """The error for a name that no operator has."""
    if name in OF_BANK:
        return BappsmithError(
            f"operator '{name}' draws from a bank of networks, and none is loaded; give its folder with --bank "
            "(bappsmith bank train makes one)"
        )
    return unknown_name(what, name, operators())


def load_plugin(path: Path | str) -> list[str]:
    """Import a person's own operator file, or load a bank of networks.

    Loading the same file again changes nothing; if it was edited since, its new operators take the
    place of the old ones.

    Args:
        path: a Python file that defines operators with `@register`, or the folder of a bank.

    Returns:
        The names the file registered.

    Raises:
        BappsmithError: the file does not exist, fails to import or registers no operator.
    """
    _discover()
    file = Path(path).resolve()
    if file.is_dir():
        from bappsmith.distortions.cnn.denoiser import load_bank

        root = load_bank(file).root
        return [name for name, op in _operators.items() if op.content and root == getattr(op, "root", None)]
    if not file.is_file():
        raise BappsmithError(f"plugin {path}: no such file")
    if file.suffix != ".py":
        raise BappsmithError(f"plugin {path}: not a Python file (expected a name ending in .py)")
    source = file.read_bytes()
    # The name carries path and content: plugins called my_op.py in two folders stay apart, and an
    # edited file is another module.
    stem = f"{PLUGIN_PREFIX}{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_"
    module_name = f"{stem}{hashlib.sha256(source).hexdigest()}"
    if module_name not in sys.modules:
        before = dict(_operators)
        for name, known in before.items():
            if type(known).__module__.startswith(stem):
                del _operators[name]
        try:
            _execute(module_name, file, source)
        except Exception as error:
            sys.modules.pop(module_name, None)
            _operators.clear()
            _operators.update(before)
            if isinstance(error, BappsmithError):
                raise
            message = " ".join(f"{type(error).__name__}: {error}".split())
            raise BappsmithError(f"plugin {path} fails to import: {message}") from error
        for old in [m for m in sys.modules if m.startswith(stem) and m != module_name]:
            del sys.modules[old]
    names = [name for name, known in _operators.items() if type(known).__module__ == module_name]
    if not names:
        raise BappsmithError(f"plugin {path} registers no operator; decorate the class with @register")
    return names


def _execute(module_name: str, file: Path, source: bytes) -> None:
    """Run the very bytes that were hashed; Python's own import might take an older compiled copy."""
    module = ModuleType(module_name)
    module.__file__ = str(file)
    sys.modules[module_name] = module
    exec(compile(source, str(file), "exec"), module.__dict__)


def foreign_sources(names: Iterable[str]) -> dict[str, str]:
    """Of these operators, those that are not bappsmith's own: name → sha256 of the file that defines it, hex.

    What such a file imports in turn is not looked at. Of operators that draw from a bank, that of the bank.

    Raises:
        BappsmithError: an operator is unknown, or was not defined in a file.
    """
    found: dict[str, str] = {}
    for name in sorted(names):
        cls = type(operator(name))
        if cls.content:
            found[name] = cls.content
            continue
        if cls.__module__.startswith(f"{__package__}."):
            continue
        if cls.__module__.startswith(PLUGIN_PREFIX):
            found[name] = cls.__module__.rsplit("_", 1)[1]
            continue
        try:
            file = Path(inspect.getfile(cls))
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
        except (TypeError, OSError) as error:
            raise BappsmithError(
                f"operator '{name}' was not defined in a file, so its dataset could not be made again; "
                "put it into one and pass that as a plugin"
            ) from error
    return found
