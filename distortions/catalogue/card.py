"""What is known of an operator, collected from its class and its row in the table of severities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bappsmith.distortions.base import SIDE, Distortion
from bappsmith.distortions.parameters import Levels, Parameter, PerValue, Severity
from bappsmith.distortions.random import Draws
from bappsmith.distortions.severity_curve import KNOTS
from bappsmith.manifests.docstring import paragraphs
from bappsmith.manifests.recipe.named_sets import named_set, named_sets
from bappsmith.manifests.schema.call import Value

from .needs import Need, needs

SEVERITY_WORDS = {"fitted": "fitted", "declared": "declared ends", "incomparable": "not comparable"}
"""What severities of an operator are (`Card.severity`), for tables."""
_DRAWS = 16
"""Draws of the parameters, of which the largest margin counts."""


@dataclass(frozen=True)
class Card:
    """What is known of an operator.

    Attributes:
        name: registered name.
        family: its family.
        summary: what it does, one sentence or a few.
        details: further paragraphs.
        source: where it comes from.
        tags: words to choose it by in recipes.
        sets: named sets that hold it.
        parameters: name → range and unit in words.
        values: side of the patch, px → parameter that moves with severity → its value at each of `KNOTS`.
        damage: side, px → damage at each of `KNOTS`, in points of people's scale; empty if it was not measured.
        fitted: whether severity runs through a fitted curve, not from end to end.
        calibrated: whether equal severities mean equal disturbance; False for ends of a publication.
        saturates: whether more severity can mean a smaller distance.
        portable: whether its pixels are the same on every processor.
        light: "sRGB" or "linear": the values that it works on.
        margin: pixels around a patch of `SIDE` px that it needs at severity 1; 0: none.
        degradation: parameters that degrade the image before it is restored.
        needs: packages beyond a plain installation.
        unavailable: what this machine lacks to apply it, and what to do; None: nothing.
    """

    name: str
    family: str
    summary: str
    details: tuple[str, ...]
    source: str
    tags: tuple[str, ...]
    sets: tuple[str, ...]
    parameters: dict[str, str]
    values: dict[int, dict[str, tuple[Value, ...]]]
    damage: dict[int, tuple[float, ...]]
    fitted: bool
    calibrated: bool
    saturates: bool
    portable: bool
    light: str
    margin: int
    degradation: tuple[str, ...]
    needs: tuple[Need, ...]
    unavailable: str | None

    @property
    def severity(self) -> str:
        """What its severities are: a key of `SEVERITY_WORDS`."""
        if not self.calibrated:
            return "incomparable"
        return "fitted" if self.fitted else "declared"

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def card(op: Distortion) -> Card:
    """Collect what is known of an operator."""
    text = paragraphs(op.__doc__) or [""]
    curve = op.curve
    return Card(
        name=op.name,
        family=op.family,
        summary=text[0],
        details=tuple(text[1:]),
        source=op.source,
        tags=tuple(sorted(op.tags)),
        sets=tuple(name for name in named_sets() if op.name in named_set(name)),
        parameters={key: parameter.describe() for key, parameter in op.parameters.items()},
        values={side: _values(op, side) for side in (curve.positions if curve else (SIDE,))},
        damage=dict(curve.damage) if curve else {},
        fitted=curve is not None,
        calibrated=op.calibrated,
        saturates=op.saturates,
        portable=op.portable,
        light=op.light,
        margin=_margin(op),
        degradation=op.degradation,
        needs=needs(op),
        unavailable=op.unavailable(),
    )


def _values(op: Distortion, side: int) -> dict[str, tuple[Value, ...]]:
    """Return the values of the parameters that move with severity."""
    positions = [op.position(knot, side) for knot in KNOTS]
    return {label: tuple(map(parameter.at, positions)) for label, parameter in _moving(op.parameters)}


def _moving(parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, Severity | Levels]]:
    """Yield the parameters that move with severity, with a label: name, case that it holds for, and unit."""
    for name, parameter in parameters.items():
        if isinstance(parameter, Severity | Levels):
            yield f"{name}, {parameter.unit}", parameter
        elif isinstance(parameter, PerValue):
            yield from _moving({f"{name} ({parameter.other} {value})": c for value, c in parameter.cases.items()})


def _margin(op: Distortion) -> int:
    if not op.takes_view:
        return 0
    return max(op.margin(SIDE, op.sample(1.0, Draws(0, number), SIDE)) for number in range(_DRAWS))
