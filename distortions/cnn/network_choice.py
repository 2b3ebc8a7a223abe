"""The parameter that draws a network which is bad enough."""

from __future__ import annotations

from dataclasses import dataclass

from bappsmith.distortions.random import Draws
from bappsmith.manifests.schema.call import Params

SHARE = 8
"""At least one of `SHARE` networks can be drawn at any severity, so that severe images do not all come from one."""


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """Draw one of the networks whose error is at least the parameter `level`.

    Such a network reaches the level by blending, without exaggeration. If they are less than an eighth of the bank, the
    eighth with the largest errors takes their place. At a fixed stream, more severity changes the network only when the
    first one no longer reaches the level.

    Attributes:
        errors: id of a network → its error, in levels of 255.
    """

    errors: dict[str, float]

    def draw(self, severity: float, draws: Draws, drawn: Params) -> str:
        """Draw networks of the whole bank until one of them reaches `drawn["level"]`."""
        networks, least = tuple(self.errors), self._least(drawn)
        while True:
            network = draws.choice(networks)
            if self.errors[network] >= least:
                return network

    def allows(self, value: object, drawn: Params) -> bool:
        """Return whether `value` is a network that reaches `drawn["level"]`."""
        return isinstance(value, str) and value in self.errors and self.errors[value] >= self._least(drawn)

    def describe(self) -> str:
        """Return the number of networks and their errors in words."""
        low, high = min(self.errors.values()), max(self.errors.values())
        return f"one of {len(self.errors)} networks of the bank, with an error of {low:.0f} … {high:.0f} levels"

    def _least(self, drawn: Params) -> float:
        ordered = sorted(self.errors.values())
        return min(float(drawn["level"]), ordered[-max(1, len(ordered) // SHARE)])
