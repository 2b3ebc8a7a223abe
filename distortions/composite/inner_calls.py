"""The parameter that holds the drawn calls of inner operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import depends_on_severity
from bappsmith.distortions.random import Draws
from bappsmith.manifests.schema.call import OperatorCall, Params, Value


@dataclass(frozen=True, slots=True)
class InnerCalls:
    """One call of each inner operator, all drawn at the severity of the whole, as a JSON list.

    Attributes:
        operators: in the order of application.
    """

    operators: tuple[Distortion, ...]

    @property
    def depends_on_severity(self) -> bool:
        """Whether a parameter of an inner operator moves with severity."""
        return any(depends_on_severity(parameter) for op in self.operators for parameter in op.parameters.values())

    def draw(self, severity: float, draws: Draws, drawn: Params) -> Value:
        """Draw a call of each operator as JSON, one after the other."""
        return [OperatorCall(op.name, severity, op.sample(severity, draws)).to_json() for op in self.operators]

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is one call of each operator, with parameters that it can draw."""
        if not isinstance(value, list) or len(cast("list[object]", value)) != len(self.operators):
            return False
        return all(_allows(op, call) for op, call in zip(self.operators, cast("list[object]", value), strict=True))

    def describe(self) -> str:
        """Return the operators with their parameters in words."""
        return "; ".join(
            f"{op.name} ({', '.join(f'{key}: {parameter.describe()}' for key, parameter in op.parameters.items())})"
            for op in self.operators
        )


def inner_params(calls: Value) -> list[Params]:
    """Return the parameters of each call that `InnerCalls` drew."""
    return [OperatorCall.from_json(call).params for call in cast("list[dict[str, Any]]", calls)]


def _allows(op: Distortion, call: object) -> bool:
    if not isinstance(call, dict):
        return False
    fields = cast("dict[str, object]", call)
    params = fields.get("params")
    if fields.get("name") != op.name or not isinstance(params, dict):
        return False
    values = cast("Params", params)
    return set(values) == set(op.parameters) and all(
        parameter.allows(values[key], values) for key, parameter in op.parameters.items()
    )
