"""Distortions as data: an operator's name with its drawn parameters, and chains of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = "float | int | str | bool | list[Value] | dict[str, Value] | None"
"""A JSON value."""
Params: TypeAlias = dict[str, Any]
"""Drawn parameters of one operator: name → JSON value (`Value`), in the unit that the operator declares."""


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """One operator with all its drawn values. Applying it draws no random number.

    Attributes:
        name: the operator's registered name.
        severity: in [0, 1]; 0 means that the operator is not applied.
        params: drawn parameters. An operator that needs noise has its sub-seed here.
    """

    name: str
    severity: float
    params: Params

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"name": self.name, "severity": self.severity, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OperatorCall:
        """Build the call that `to_json` described."""
        return cls(str(data["name"]), float(data["severity"]), dict(data["params"]))


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators applied one after the other, first to last. An empty chain is the identity."""

    calls: tuple[OperatorCall, ...] = ()

    @property
    def severity(self) -> float:
        """Total severity: the sum over the operators, in [0, number of operators]."""
        return sum(call.severity for call in self.calls)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the operators in the order of application."""
        return tuple(call.name for call in self.calls)

    def to_json(self) -> list[dict[str, Any]]:
        """Return JSON values: one dictionary per operator."""
        return [call.to_json() for call in self.calls]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> Chain:
        """Build the chain that `to_json` described."""
        return cls(tuple(OperatorCall.from_json(call) for call in data))
