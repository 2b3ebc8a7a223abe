"""Parameters of an operator: what moves with severity, and what is drawn freely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard

from .random import Draws


@dataclass(frozen=True, slots=True)
class Severity:
    """A parameter that moves with severity, from `mild` (severity just above 0) to `severe` (1).

    Attributes:
        mild: value at the mild end; either end may be the larger number.
        severe: value at the severe end.
        unit: unit of the value, such as "px", "levels" or "patch" (a fraction of the shorter side).
        scale: "linear", or "log" for a parameter whose ratios are perceived.
    """

    mild: float
    severe: float
    unit: str
    scale: Literal["linear", "log"] = "linear"

    def at(self, severity: float) -> float:
        """The value at a severity in (0, 1]."""
        if self.scale == "log":
            return self.mild * (self.severe / self.mild) ** severity
        return self.mild + (self.severe - self.mild) * severity

    def draw(self, severity: float, draws: Draws) -> float:
        """The value at this severity; draws nothing."""
        return self.at(severity)

    def allows(self, value: object) -> bool:
        """Whether `value` lies between the two ends."""
        low, high = sorted((self.mild, self.severe))
        slack = 1e-9 * max(abs(low), abs(high))
        return _is_number(value) and low - slack <= value <= high + slack

    def describe(self) -> str:
        """Range and unit in words."""
        log = ", log" if self.scale == "log" else ""
        return f"{self.mild:g} … {self.severe:g} {self.unit}{log}"


@dataclass(frozen=True, slots=True)
class Nuisance:
    """A parameter drawn freely, whatever the severity: an angle, a sign, a position.

    Attributes:
        low: smallest value, drawn uniformly up to
        high: the largest.
        unit: unit of the value.
    """

    low: float
    high: float
    unit: str

    def draw(self, severity: float, draws: Draws) -> float:
        """A value in [low, high)."""
        return draws.uniform(self.low, self.high)

    def allows(self, value: object) -> bool:
        """Whether `value` lies in the range."""
        return _is_number(value) and self.low <= value <= self.high

    def describe(self) -> str:
        """Range and unit in words."""
        return f"{self.low:g} … {self.high:g} {self.unit}, drawn freely"


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that takes one of a few values, each equally likely.

    Attributes:
        options: the values, all numbers or all strings.
        unit: what the value means.
    """

    options: tuple[float | int | str, ...]
    unit: str

    def draw(self, severity: float, draws: Draws) -> float | int | str:
        """One of the options."""
        return draws.choice(self.options)

    def allows(self, value: object) -> bool:
        """Whether `value` is one of the options."""
        return value in self.options

    def describe(self) -> str:
        """The options in words."""
        return f"one of {', '.join(map(str, self.options))} ({self.unit})"


@dataclass(frozen=True, slots=True)
class SubSeed:
    """A seed for noise, so that applying draws nothing: give it to `draws.normal_field`."""

    def draw(self, severity: float, draws: Draws) -> int:
        """An integer in [0, 2^53)."""
        return draws.sub_seed()

    def allows(self, value: object) -> bool:
        """Whether `value` is such an integer."""
        return isinstance(value, int) and 0 <= value < 2**53

    def describe(self) -> str:
        """What it is, in words."""
        return "seed of the noise"


Parameter: TypeAlias = Severity | Nuisance | Choice | SubSeed


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
