"""The table of what severity means for an operator: values of its parameters, and damage, at each knot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bappsmith.distortions.severity_curve import KNOTS
from bappsmith.manifests.schema.call import Value

from .card import Card

HEADINGS = ("px", "at severity", *("0+" if knot == 0 else f"{knot:g}" for knot in KNOTS))
"""Of the columns that `severity_cells` fills."""
_T = TypeVar("_T")


def severity_cells(card: Card) -> list[list[str]]:
    """Return the rows of the table: per size of patches, the damage, and the parameters that move.

    Sizes with equal values share a row.
    """
    rows = [[sides, "damage, points", *(f"{value:.2f}" for value in damage)] for sides, damage in _grouped(card.damage)]
    labels = dict.fromkeys(label for values in card.values.values() for label in values)
    for label in labels:
        for sides, values in _grouped({side: values[label] for side, values in card.values.items()}):
            rows.append([sides if card.fitted else "any", label, *map(_number, values)])
    return rows


def _grouped(by_side: Mapping[int, tuple[_T, ...]]) -> list[tuple[str, tuple[_T, ...]]]:
    """Return (sides in words, values), each of the different values once."""
    sides: dict[tuple[_T, ...], list[int]] = {}
    for side, values in by_side.items():
        sides.setdefault(values, []).append(side)
    return [(", ".join(map(str, equal)), values) for values, equal in sides.items()]


def _number(value: Value) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
