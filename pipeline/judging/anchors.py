"""Anchors: what people said about the damage of an operator at some values of its parameter."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.store.bounded import read_bounded

SHIPPED = Path(__file__).parent / "anchors.json"
FORMAT = "bappsmith-anchors-1"
_LIMIT = 2**20
"""Largest size of a file of anchors, bytes."""

Anchor = tuple[float, Annotated[float, Field(ge=0, le=100)]]
"""Value of the parameter, and the damage that people saw."""


class AnchoredOperator(BaseModel):
    """The anchors of one operator.

    Attributes:
        parameter: name of the parameter that the anchors give.
        when: values of other parameters that the anchors hold for, such as a direction; empty: always.
        source: where people saw it.
        anchors: in the order of rising damage. Damage is linear between them, over the parameter. Below the mildest
            it falls to 0 at `harmless`; beyond the most severe it is at least that of the most severe.
        harmless: value of the parameter at which nothing is changed.
        in_patches: whether the parameter is in units of the patch's side; anchors are then in px.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    parameter: str
    when: dict[str, Any] = {}
    source: str = Field(min_length=1)
    harmless: float
    in_patches: bool = False
    anchors: tuple[Anchor, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _monotone(self) -> AnchoredOperator:
        points = ((self.harmless, 0.0), *self.anchors)
        rises = {value < following for (value, _), (following, _) in pairwise(points)}
        damage = [damage for _, damage in points]
        if len(rises) != 1 or damage != sorted(damage):
            raise ValueError(
                f"anchors of {self.parameter} contradict a direction: parameter and damage move one way from the "
                f"harmless value {self.harmless:g}, found {list(map(list, self.anchors))}; order them, or leave out "
                "the one that does not fit"
            )
        return self

    def damage(self, value: float) -> float:
        """Return the damage at a value of the parameter; beyond the most severe anchor, that of this anchor."""
        sign = 1.0 if self.anchors[0][0] > self.harmless else -1.0
        points = [(sign * at, damage) for at, damage in ((self.harmless, 0.0), *self.anchors)]
        wanted = sign * value
        above = bisect_right(points, wanted, key=lambda point: point[0])
        if above == 0:
            return 0.0
        if above == len(points):
            return points[-1][1]
        (low, mild), (high, severe) = points[above - 1], points[above]
        return mild + (severe - mild) * (wanted - low) / (high - low)

    def is_beyond(self, value: float) -> bool:
        """Tell whether a value is more severe than every anchor."""
        last = self.anchors[-1][0]
        return value > last if last > self.harmless else value < last


class Anchors(BaseModel):
    """A file of anchors.

    Attributes:
        format: `FORMAT`.
        unit: of damage, in words.
        operators: name → its anchors; several, if they hold for different values of another parameter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["bappsmith-anchors-1"] = FORMAT
    unit: str
    operators: dict[str, tuple[AnchoredOperator, ...]]

    def damage(self, name: str, params: dict[str, Any], side: int) -> tuple[float, bool] | None:
        """Return the damage of a call of an operator on a patch of `side` px; None if no anchor holds for it.

        Returns:
            Damage, and whether the call is beyond the most severe anchor, so that more damage is possible.
        """
        for one in self.operators.get(name, ()):
            if all(params.get(key) == value for key, value in one.when.items()):
                value = float(params[one.parameter]) * (side if one.in_patches else 1)
                return one.damage(value), one.is_beyond(value)
        return None


@lru_cache(maxsize=4)
def read_anchors(path: Path) -> Anchors:
    """Read a file of anchors, and check it against the operators that are known here.

    Raises:
        BappsmithError: the file cannot be read, contradicts a direction, or names a parameter that an operator lacks.
    """
    try:
        anchors = Anchors.model_validate(json.loads(read_bounded(path, _LIMIT)))
    except (ValueError, RecursionError) as error:
        reason = explain(error, "key", Anchors, {}) if isinstance(error, ValidationError) else "it is not JSON"
        raise BappsmithError(f"anchors {path}: {reason}") from error
    known = operators()
    for name, several in anchors.operators.items():
        for one in several:
            missing = {one.parameter, *one.when} - set(known[name].parameters) if name in known else set[str]()
            if missing:
                raise BappsmithError(
                    f"anchors {path}: operator '{name}' has no parameter '{min(missing)}'; it has "
                    f"{', '.join(known[name].parameters)}"
                )
    return anchors
