"""Parameters of an operator: those that depend on severity, and those that are drawn freely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard

from .random import Draws


@dataclass(frozen=True, slots=True)
class Severity:
    """A parameter that depends on severity: from `mild` (severity just above 0) to `severe` (severity 1).

    Attributes:
        mild: value at the mild end; either end may be the larger number.
        severe: value at the severe end.
        unit: unit of the value, such as "px", "levels" or "patch" (a fraction of the shorter side).
        scale: "linear", or "log" for a parameter whose ratios matter to perception.
    """

    mild: float
    severe: float
    unit: str
    scale: Literal["linear", "log"] = "linear"

    def at(self, severity: float) -> float:
        """Return the value at a severity in (0, 1]: linear or geometric interpolation between the ends."""
        if self.scale == "log":
            return self.mild * (self.severe / self.mild) ** severity
        return self.mild + (self.severe - self.mild) * severity

    def draw(self, severity: float, draws: Draws) -> float:
        """Return the value at a severity in (0, 1]. Nothing is drawn."""
        return self.at(severity)

    def allows(self, value: object) -> bool:
        """Return whether `value` is between the two ends."""
        low, high = sorted((self.mild, self.severe))
        slack = 1e-9 * max(abs(low), abs(high))
        return _is_number(value) and low - slack <= value <= high + slack

    def describe(self) -> str:
        """Return range and unit in words."""
        log = ", log" if self.scale == "log" else ""
        return f"{self.mild:g} … {self.severe:g} {self.unit}{log}"


@dataclass(frozen=True, slots=True)
class Nuisance:
    """A number that is drawn uniformly and does not depend on severity: an angle, a position.

    Attributes:
        low: smallest value.
        high: largest value.
        unit: unit of the value.
    """

    low: float
    high: float
    unit: str

    def draw(self, severity: float, draws: Draws) -> float:
        """Draw a value in [low, high)."""
        return draws.uniform(self.low, self.high)

    def allows(self, value: object) -> bool:
        """Return whether `value` is in [low, high]."""
        return _is_number(value) and self.low <= value <= self.high

    def describe(self) -> str:
        """Return range and unit in words."""
        return f"{self.low:g} … {self.high:g} {self.unit}, drawn freely"


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter with a few possible values, each equally likely.

    Attributes:
        options: the values, all numbers or all strings.
        unit: meaning of the value.
    """

    options: tuple[float | int | str, ...]
    unit: str

    def draw(self, severity: float, draws: Draws) -> float | int | str:
        """Draw one of the options."""
        return draws.choice(self.options)

    def allows(self, value: object) -> bool:
        """Return whether `value` is one of the options."""
        return value in self.options

    def describe(self) -> str:
        """Return the options in words."""
        return f"one of {', '.join(map(str, self.options))} ({self.unit})"


@dataclass(frozen=True, slots=True)
class SubSeed:
    """A seed for noise, so that `apply` draws nothing itself: use it with `random.normal_field` or `uniform_field`."""

    def draw(self, severity: float, draws: Draws) -> int:
        """Draw an integer in [0, 2^53)."""
        return draws.sub_seed()

    def allows(self, value: object) -> bool:
        """Return whether `value` is an integer in [0, 2^53)."""
        return isinstance(value, int) and 0 <= value < 2**53

    def describe(self) -> str:
        """Return a description in words."""
        return "seed of the noise"


Parameter: TypeAlias = Severity | Nuisance | Choice | SubSeed


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
