"""The fitted table of severities: where between its declared ends an operator is, at each severity and patch size.

Declared ends are the range that makes sense. Equal severities of two operators, or of one operator at two patch sizes,
do not disturb equally between such ends. The table says which part of the range severity runs through. It is data
beside the operators, made by `bappsmith calibrate`: `severity.json` for those of this repository, and
`NAME.severity.json` beside a plugin file `NAME.py`.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.bounded import read_bounded

from .parameters import Parameter

KNOTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Severities at which a curve is fitted. It is linear between them."""
TABLE_FORMAT = "bappsmith-severity-1"
_LIMIT = 2**20
"""Largest size of a table in bytes; a row has about 300."""

Position = Annotated[float, Field(ge=0, le=1)]
Damage = Annotated[float, Field(ge=0)]


class SeverityCurve(BaseModel):
    """The row of one operator.

    Attributes:
        declaration: `declaration_of` its parameters when it was fitted.
        positions: side of the patch in px → position between the declared ends at each of `KNOTS`, rising.
        damage: side in px → median distance from the reference at each of `KNOTS`, in the unit of the yardstick; empty
            if it was not measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    declaration: str
    positions: dict[int, tuple[Position, Position, Position, Position, Position]] = Field(min_length=1)
    damage: dict[int, tuple[Damage, Damage, Damage, Damage, Damage]] = {}

    @field_validator("positions")
    @classmethod
    def _rising(cls, positions: dict[int, tuple[float, ...]]) -> dict[int, tuple[float, ...]]:
        for side, row in positions.items():
            if list(row) != sorted(row) or side < 1:
                raise ValueError(f"positions at side {side} must rise, found {list(row)}")
        return positions

    def at(self, severity: float, side: int) -> float:
        """Return the position between the declared ends, in [0, 1].

        Between two sides of the table, positions are interpolated over the logarithm of the side. Beyond them, those of
        the nearest side apply.

        Args:
            severity: in (0, 1].
            side: shorter side of the patch, px.
        """
        return _at(self.positions, severity, side)

    def damage_at(self, severity: float, side: int) -> float | None:
        """Return the median distance from the reference, in the unit of the yardstick; None if it was not measured.

        Sides are interpolated as in `at`.

        Args:
            severity: in (0, 1].
            side: shorter side of the patch, px.
        """
        return _at(self.damage, severity, side) if self.damage else None


class SeverityTable(BaseModel):
    """A fitted table.

    Attributes:
        format: `TABLE_FORMAT`.
        yardstick: what distances were measured with, in words.
        operators: name of an operator → its curve.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["bappsmith-severity-1"] = TABLE_FORMAT
    yardstick: str
    operators: dict[str, SeverityCurve]

    def text(self) -> str:
        """Return the text of the file, a line per operator."""
        rows = [f"    {json.dumps(name)}: {curve.model_dump_json()}" for name, curve in sorted(self.operators.items())]
        head = f'  "format": {json.dumps(self.format)},\n  "yardstick": {json.dumps(self.yardstick)},\n'
        return "{\n" + head + '  "operators": {\n' + ",\n".join(rows) + "\n  }\n}\n"


def declaration_of(parameters: Mapping[str, Parameter]) -> str:
    """Return a hash of the declared parameters: a curve fits only the declaration that it was fitted to."""
    declared = {name: parameter.describe() for name, parameter in parameters.items()}
    return hashlib.sha256(json.dumps(declared).encode()).hexdigest()[:16]


def read_table(path: Path) -> SeverityTable:
    """Read a table.

    Args:
        path: of the file.

    Raises:
        BappsmithError: the file cannot be read, or is not a table of severities.
    """
    try:
        return SeverityTable.model_validate_json(read_bounded(path, _LIMIT))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise BappsmithError(
            f"{path} is not a table of severities: {where}: {problem['msg']}; make it again with bappsmith calibrate"
        ) from error


def _at(rows: Mapping[int, tuple[float, ...]], severity: float, side: int) -> float:
    if side in rows:
        return _interpolate(rows[side], severity)
    sides = sorted(rows)
    above = bisect_right(sides, side)
    if above in (0, len(sides)):
        return _interpolate(rows[sides[min(above, len(sides) - 1)]], severity)
    low, high = sides[above - 1], sides[above]
    share = math.log(side / low) / math.log(high / low)
    milder, stronger = (_interpolate(rows[at], severity) for at in (low, high))
    return milder + (stronger - milder) * share


def _interpolate(row: tuple[float, ...], severity: float) -> float:
    scaled = severity * (len(KNOTS) - 1)
    knot = min(int(scaled), len(KNOTS) - 2)
    return row[knot] + (row[knot + 1] - row[knot]) * (scaled - knot)
