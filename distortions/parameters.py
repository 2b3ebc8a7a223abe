"""Parameters of an operator: those that depend on severity, and those that are drawn freely.

Every parameter draws a JSON value. A person's own kind of parameter is any object with the methods of `Parameter`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeGuard, runtime_checkable

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

from .random import Draws


@runtime_checkable
class Parameter(Protocol):
    """One parameter of an operator, declared as a class attribute."""

    def draw(self, severity: float, draws: Draws, drawn: Params) -> Value:
        """Return a value.

        Args:
            severity: in (0, 1], from the mild to the severe end.
            draws: the random stream.
            drawn: values of the parameters that are declared earlier, for ends that depend on them.

        Returns:
            A JSON value.
        """
        ...

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` can be drawn, given the values of the other parameters."""
        ...

    def describe(self) -> str:
        """Return range and unit in words."""
        ...


@dataclass(frozen=True, slots=True)
class Severity:
    """A parameter that depends on severity: from `mild` (severity just above 0) to `severe` (severity 1).

    Attributes:
        mild: value at the mild end; either end may be the larger number.
        severe: value at the severe end.
        unit: unit of the value, such as "px", "levels" or "patch" (a fraction of the shorter side).
        scale: "linear", or "log" for a parameter whose ratios matter to perception.
        whole: round to whole numbers.

    Examples:
        >>> sigma = Severity(mild=0.5, severe=8.0, unit="px", scale="log")
        >>> sigma.at(0.5), sigma.at(1.0)
        (2.0, 8.0)
        >>> sigma.describe()
        '0.5 … 8 px, log'
    """

    mild: float
    severe: float
    unit: str
    scale: Literal["linear", "log"] = "linear"
    whole: bool = False

    def __post_init__(self) -> None:
        _check(self.mild != self.severe, f"Severity: mild and severe are both {self.mild:g}; give two different ends")
        _check(
            self.scale == "linear" or self.mild * self.severe > 0,
            f"Severity: a log scale needs ends of one sign, found {self.mild:g} and {self.severe:g}; use linear",
        )

    def at(self, severity: float) -> float:
        """Return the value at a severity in (0, 1]: linear or geometric interpolation between the ends."""
        if self.scale == "log":
            value = self.mild * (self.severe / self.mild) ** severity
        else:
            value = self.mild + (self.severe - self.mild) * severity
        return round(value) if self.whole else value

    def draw(self, severity: float, draws: Draws, drawn: Params) -> float:
        """Return the value at a severity in (0, 1]. Nothing is drawn."""
        return self.at(severity)

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is between the two ends."""
        low, high = sorted((self.mild, self.severe))
        slack = 1e-9 * max(abs(low), abs(high))
        return _is_number(value) and low - slack <= value <= high + slack

    def describe(self) -> str:
        """Return range and unit in words."""
        log = ", log" if self.scale == "log" else ""
        return f"{self.mild:g} … {self.severe:g} {self.unit}{log}{', whole' if self.whole else ''}"


@dataclass(frozen=True, slots=True)
class Levels:
    """A parameter with published levels: severity (0, 1] is divided into as many equal parts as there are levels.

    Attributes:
        values: from the mildest level to the most severe one.
        unit: unit of the values.
    """

    values: tuple[Value, ...]
    unit: str

    def __post_init__(self) -> None:
        _check(len(self.values) > 0, "Levels: found no value; give the levels from mild to severe")

    def at(self, severity: float) -> Value:
        """Return the level of a severity in (0, 1]: with five levels, the first from 0 to .2."""
        return self.values[max(0, math.ceil(severity * len(self.values) - 1e-9) - 1)]

    def draw(self, severity: float, draws: Draws, drawn: Params) -> Value:
        """Return the level of a severity in (0, 1]. Nothing is drawn."""
        return self.at(severity)

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is one of the levels."""
        return value in self.values

    def describe(self) -> str:
        """Return the levels in words."""
        return f"levels {', '.join(map(str, self.values))} {self.unit}"


@dataclass(frozen=True, slots=True)
class Nuisance:
    """A number that is drawn uniformly and does not depend on severity: an angle, a position.

    Attributes:
        low: smallest value.
        high: largest value.
        unit: unit of the value.
        whole: draw whole numbers, `high` included.
    """

    low: float
    high: float
    unit: str
    whole: bool = False

    def __post_init__(self) -> None:
        _check(
            self.low < self.high,
            f"Nuisance: low must be less than high, found {self.low:g} and {self.high:g}; swap them",
        )

    def draw(self, severity: float, draws: Draws, drawn: Params) -> float:
        """Draw a value in [low, high), or a whole number in [low, high]."""
        if self.whole:
            return int(self.low) + draws.integer(int(self.high) - int(self.low) + 1)
        return draws.uniform(self.low, self.high)

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is in [low, high], and a whole number where that is declared."""
        return _is_number(value) and self.low <= value <= self.high and not (self.whole and value != int(value))

    def describe(self) -> str:
        """Return range and unit in words."""
        return f"{self.low:g} … {self.high:g} {self.unit}, drawn freely{', whole' if self.whole else ''}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter with a few possible values.

    Attributes:
        options: the values, any JSON values.
        unit: meaning of the value.
        weights: probability of each option, in any scale; empty: each is equally likely.
    """

    options: tuple[Value, ...]
    unit: str
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check(len(self.options) > 0, "Choice: found no option; give at least one")
        positive = all(weight >= 0 for weight in self.weights) and math.fsum(self.weights) > 0
        _check(
            not self.weights or (positive and len(self.weights) == len(self.options)),
            f"Choice: needs one weight of at least 0 for each of {len(self.options)} options, found {self.weights}",
        )

    def draw(self, severity: float, draws: Draws, drawn: Params) -> Value:
        """Draw one of the options."""
        if not self.weights:
            return draws.choice(self.options)
        target = draws.uniform(0.0, math.fsum(self.weights))
        for option, weight in zip(self.options, self.weights, strict=True):
            target -= weight
            if target < 0:
                return option
        return self.options[-1]

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is one of the options."""
        return value in self.options

    def describe(self) -> str:
        """Return the options in words."""
        options = [str(option) for option in self.options]
        if self.weights:
            total = math.fsum(self.weights)
            options = [f"{o} ({w / total:.0%})" for o, w in zip(options, self.weights, strict=True)]
        return f"one of {', '.join(options)} ({self.unit})"


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes or no that does not depend on severity.

    Attributes:
        unit: what yes means.
        probability: of yes.
    """

    unit: str
    probability: float = 0.5

    def draw(self, severity: float, draws: Draws, drawn: Params) -> bool:
        """Draw yes or no."""
        return draws.uniform() < self.probability

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is True or False."""
        return isinstance(value, bool)

    def describe(self) -> str:
        """Return meaning and probability in words."""
        return f"yes or no ({self.unit}), {self.probability:.0%} yes"


@dataclass(frozen=True, slots=True)
class PerValue:
    """A parameter whose ends depend on another parameter: one declaration for each value of the other.

    Attributes:
        other: name of the other parameter, declared earlier.
        cases: value of the other parameter → declaration.
    """

    other: str
    cases: Mapping[float | int | str | bool, Parameter]

    def draw(self, severity: float, draws: Draws, drawn: Params) -> Value:
        """Draw from the declaration that belongs to the other parameter's value."""
        return self._case(drawn).draw(severity, draws, drawn)

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether the declaration that belongs to the other parameter's value allows `value`."""
        return self._case(drawn).allows(value, drawn)

    def describe(self) -> str:
        """Return the declarations in words."""
        return "; ".join(f"{self.other} {value}: {case.describe()}" for value, case in self.cases.items())

    def _case(self, drawn: Params) -> Parameter:
        value = drawn[self.other]
        if not isinstance(value, float | int | str):
            raise TypeError(f"{self.other} must be a number or a text, found {value!r}")
        return self.cases[value]


@dataclass(frozen=True, slots=True)
class SubSeed:
    """A seed for noise, so that `apply` draws nothing itself: use it with `random.normal_field` or `uniform_field`."""

    def draw(self, severity: float, draws: Draws, drawn: Params) -> int:
        """Draw an integer in [0, 2^53)."""
        return draws.sub_seed()

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is an integer in [0, 2^53)."""
        return isinstance(value, int) and 0 <= value < 2**53

    def describe(self) -> str:
        """Return a description in words."""
        return "seed of the noise"


@dataclass(frozen=True, slots=True)
class FrameName:
    """The name of a frame beside the photograph in its sequence. The plan gives it; drawn alone it is empty.

    Attributes:
        which: "before" or "after".
    """

    which: Literal["before", "after"]

    def draw(self, severity: float, draws: Draws, drawn: Params) -> str:
        """Return no name."""
        return ""

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is a text."""
        return isinstance(value, str)

    def describe(self) -> str:
        """Return a description in words."""
        return f"name of the frame {self.which}"


def depends_on_severity(parameter: Parameter) -> bool:
    """Return whether a parameter moves with severity. A kind of one's own says so by an attribute of that name."""
    if isinstance(parameter, PerValue):
        return any(depends_on_severity(case) for case in parameter.cases.values())
    return isinstance(parameter, Severity | Levels) or getattr(parameter, "depends_on_severity", False) is True


def _check(valid: bool, message: str) -> None:
    if not valid:
        raise BappsmithError(message)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
