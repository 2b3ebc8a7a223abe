"""The registry of operators, name → instance: files in family folders, entry points, and calls of `register`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar, overload

from bappsmith.manifests.errors import BappsmithError, unknown_name

from .base import Distortion
from .severity_curve import declaration_of, read_table

_C = TypeVar("_C", bound=type[Distortion])
_D = TypeVar("_D", bound=Distortion)
Hint = Callable[[str], str | None]
"""Name of an unknown operator → a sentence that says what to do; None if the hint does not know the name."""

ENTRY_POINT_GROUP = "bappsmith.distortions"
GROUP = "restoration"
"""Folder whose folders are families."""

_operators: dict[str, Distortion] = {}
_hints: list[Hint] = []
_discovered = False


@overload
def register(operator: _C) -> _C: ...
@overload
def register(operator: _D) -> _D: ...
def register(operator: type[Distortion] | Distortion) -> type[Distortion] | Distortion:
    """Register an operator under its name.

    A class that is defined again replaces itself, so that a cell of a notebook can run twice.

    Args:
        operator: an instance; or a class, if used as a decorator: it is instantiated without arguments.

    Returns:
        The argument.

    Raises:
        BappsmithError: another operator has that name.
    """
    instance = operator() if isinstance(operator, type) else operator
    known = _operators.get(instance.name)
    again = known is instance or (isinstance(operator, type) and _origin(known) == _origin(instance))
    if known is not None and not again:
        where = _origin(known), _origin(instance)
        both = f"in {where[0]} and {where[1]}" if where[0] != where[1] else f"both times by {where[0]}"
        raise BappsmithError(f"operator '{instance.name}' is defined twice, {both}; rename one of them")
    _operators[instance.name] = instance
    return operator


def forget(operators: Iterable[Distortion]) -> None:
    """Remove these operators from the registry. Another operator that has one of their names now stays."""
    for op in operators:
        if _operators.get(op.name) is op:
            del _operators[op.name]


def register_hint(hint: Hint) -> None:
    """Register a function that explains unknown names of operators; see `Hint`."""
    _hints.append(hint)


def operators() -> dict[str, Distortion]:
    """Return every known operator, name → instance, sorted by family and name."""
    _discover()
    return dict(sorted(_operators.items(), key=lambda item: (item[1].family, item[0])))


def operator(name: str) -> Distortion:
    """Return the operator of that name.

    Raises:
        BappsmithError: the name is unknown; the message suggests the nearest known name.

    Examples:
        >>> operator("gaussian_blur").family
        'blur'
    """
    _discover()
    try:
        return _operators[name]
    except KeyError:
        raise unknown_operator(name) from None


def unknown_operator(name: str, what: str = "operator", others: Iterable[str] = ()) -> BappsmithError:
    """Return the error for a name that no operator has.

    Args:
        name: the unknown name.
        what: its role, such as "operator in the ranking".
        others: further names that were allowed, such as families.
    """
    _discover()
    for hint in _hints:
        sentence = hint(name)
        if sentence is not None:
            return BappsmithError(f"unknown {what} '{name}': {sentence}")
    return unknown_name(what, name, [*operators(), *others])


def _origin(operator: Distortion | None) -> str:
    return f"{type(operator).__module__}.{type(operator).__qualname__}"


def _discover() -> None:
    """Import every module of the family folders, then the installed entry points, once per process.

    Heavy imports are inside functions (the CNN family imports torch only when it is applied), so discovery stays light.
    """
    global _discovered
    if _discovered:
        return
    package = importlib.import_module(__package__ or "bappsmith.distortions")
    for family in pkgutil.iter_modules(package.__path__, prefix=f"{package.__name__}."):
        if family.ispkg:
            folder = importlib.import_module(family.name)
            for module in pkgutil.iter_modules(folder.__path__, prefix=f"{family.name}."):
                found = importlib.import_module(module.name)
                if module.ispkg and family.name.endswith(f".{GROUP}"):
                    for inner in pkgutil.iter_modules(found.__path__, prefix=f"{module.name}."):
                        importlib.import_module(inner.name)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            entry.load()
        except Exception as error:
            raise BappsmithError(f"entry point {entry.name} ({entry.value}) cannot be loaded: {error!r}") from error
    for name, curve in read_table(Path(__file__).parent / "severity.json").operators.items():
        # A test makes sure that no released table is older than the operators.
        if name in _operators and curve.declaration == declaration_of(_operators[name].parameters):
            _operators[name].curve = curve
    _discovered = True
