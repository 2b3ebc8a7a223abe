"""Operators that a person named, and what this machine lacks for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete, operators

if TYPE_CHECKING:
    from bappsmith.distortions import Distortion
    from bappsmith.distortions.catalogue.card import Card

Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names of operators. Default: those of the plugins, or all that are known.",
        autocompletion=complete(operators),
    ),
]


def chosen_operators(
    names: list[str] | None, plugins: list[str] | None, *, all_known: bool = False
) -> list[Distortion]:
    """Load plugins, and return the operators of these names; else those of the plugins, if there are any; else all."""
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators

    own = [name for path in plugins or () for name in load_plugin(path)]
    return [operator(name) for name in names or (not all_known and own) or operators()]


def lacking(operators: Iterable[Distortion]) -> dict[str, str]:
    """Return name → what this machine lacks, for the operators that it cannot apply."""
    return {op.name: reason for op in operators if (reason := op.unavailable())}


def refuse(missing: dict[str, str]) -> None:
    """Refuse operators that a person named and this machine cannot apply."""
    from bappsmith.manifests.errors import BappsmithError

    for name, reason in missing.items():
        raise BappsmithError(f"operator '{name}' {reason}")


def needs(card: Card) -> str:
    """Return the packages that an operator needs, and what this machine lacks."""
    parts = list(map(str, card.needs))
    return "; ".join([*parts, f"unavailable: {card.unavailable}"] if card.unavailable else parts)
