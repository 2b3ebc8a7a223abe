"""Fit the curve of an operator: damage at positions between its declared ends, turned round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.compose import apply_chains
from bappsmith.distortions.random import Draws
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.pipeline.judging.anchors import Anchors

from .anchored import judged_damage
from .yardstick import Yardstick

TARGETS = (0.15, 0.5, 1.0, 1.8, 2.8)
"""Median damage at each of `KNOTS`, in points of a mean opinion score from 5 to 1. Chosen by us: .15 is hardly visible
(KADID-10k's mildest levels of blur, jitter and JPEG 2000 are .04 to .27), .5 is seen by those who look for it, 1 by
everyone, 1.8 is annoying, and 2.8 is what nearly all operators reach at the most (people's worst cell is 3.35). Steps
grow, because people tell mild damages apart better than severe ones."""
GRID = tuple(step / 8 for step in range(9))
"""Positions between the declared ends at which damage is measured."""

TOLERANCE = 0.08
"""Share of a target by which damage at a fitted position may be off before the position is fitted again."""
PerKnot: TypeAlias = tuple[float, float, float, float, float]
"""A value at each of `KNOTS`."""
DISPLACEMENT = "displacement"
"""Tag of operators that move the picture: see `PeopleFit.displaced`."""


class Measured:
    """The damage of an operator at any position between its declared ends, on patches of one size.

    Where people judged the operator (`anchors`), it is what they said. Elsewhere it is the yardstick's median over
    patches, times a factor that meets people's judgments at the nearest positions of `GRID` that have one, so that
    there is no jump where anchors end.

    Args:
        op: the operator. Parameters that do not depend on severity are drawn once per patch: the same at all positions.
        views: patches of one size, with their surroundings.
        yardstick: measures damage.
        anchors: what people said.

    Attributes:
        grid: damage at each position of `GRID`.
    """

    def __init__(self, op: Distortion, views: Sequence[View], yardstick: Yardstick, anchors: Anchors) -> None:
        self._op, self._views, self._anchors = op, views, anchors
        self._distances = yardstick.displaced if DISPLACEMENT in op.tags else yardstick.distances
        measured = [self._by_yardstick(position) for position in GRID]
        judged = [self._by_people(position) for position in GRID]
        known = [(k, of_people) for k, of_people in enumerate(judged) if of_people is not None and measured[k] > 0]
        factors = [of_people / measured[k] for k, of_people in known]
        self._factors = np.interp(GRID, [GRID[k] for k, _ in known], factors) if known else np.ones(len(GRID))
        self.grid = tuple(
            float(factor) * damage if of_people is None else of_people
            for factor, damage, of_people in zip(self._factors, measured, judged, strict=True)
        )

    def at(self, positions: PerKnot) -> PerKnot:
        """Return the damage at rising positions in [0, 1]. Where it falls, the largest so far counts."""
        rising = np.maximum.accumulate([self._at(position) for position in positions])
        d0, d1, d2, d3, d4 = (round(float(damage), 3) for damage in rising)
        return d0, d1, d2, d3, d4

    def _at(self, position: float) -> float:
        judged = self._by_people(position)
        if judged is not None:
            return judged
        return float(np.interp(position, GRID, self._factors)) * self._by_yardstick(position)

    def _calls(self, position: float) -> list[OperatorCall]:
        op = self._op
        return [OperatorCall(op.name, 1.0, op.draw(position, Draws(7, number))) for number in range(len(self._views))]

    def _by_people(self, position: float) -> float | None:
        return judged_damage(self._calls(position), self._views[0].side, self._anchors)

    def _by_yardstick(self, position: float) -> float:
        distorted = apply_chains(self._views, [Chain((call,)) for call in self._calls(position)])
        return float(np.median(self._distances([view.centre for view in self._views], distorted)))


def fit(measured: Measured) -> tuple[PerKnot, PerKnot]:
    """Return the positions between the declared ends at which damage is that of `TARGETS`, and the damage there.

    If the damage there is off by more than `TOLERANCE`, positions are fitted once more, with it as further points.
    """
    positions = fit_positions(GRID, measured.grid)
    damage = measured.at(positions)
    inside = [
        abs(value / target - 1)
        for value, target, position in zip(damage, TARGETS, positions, strict=True)
        if 0 < position < 1
    ]
    if max(inside, default=0.0) <= TOLERANCE:
        return positions, damage
    points = sorted((dict(zip(GRID, measured.grid, strict=True)) | dict(zip(positions, damage, strict=True))).items())
    positions = fit_positions(*zip(*points, strict=True))
    return positions, measured.at(positions)


def fit_positions(measured: Sequence[float], damage: Sequence[float]) -> PerKnot:
    """Return the positions at which the damage is that of `TARGETS`, by linear interpolation.

    A target that is not reached within the declared ends becomes the nearer end, so several severities can share an
    end.

    Args:
        measured: rising positions, from 0 to 1.
        damage: at each of them. Where it falls with the position, the largest so far counts.
    """
    # Strictly rising, for np.interp.
    rising = np.maximum.accumulate(damage) + 1e-9 * np.arange(len(damage))
    positions = np.interp(TARGETS, rising, measured, left=0.0, right=1.0)
    p0, p1, p2, p3, p4 = (round(float(position), 4) for position in positions)
    return p0, p1, p2, p3, p4
