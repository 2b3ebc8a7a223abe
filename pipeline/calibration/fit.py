"""Fit the curve of an operator: distances at positions between its declared ends, turned round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.compose import apply_chains
from bappsmith.distortions.random import Draws
from bappsmith.distortions.severity_curve import SeverityCurve, declaration_of
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Chain, OperatorCall

from .yardstick import Yardstick

TARGETS = (0.02, 0.04, 0.09, 0.18, 0.36)
"""Median distance at each of `KNOTS`: it doubles with every quarter of severity. The unit is that of LPIPS (Zhang et
al. 2018) with AlexNet and the published heads; the values are chosen by us."""
GRID = tuple(step / 8 for step in range(9))
"""Positions between the declared ends at which distances are measured."""


def fit_curve(op: Distortion, distances: Mapping[int, Sequence[float]]) -> SeverityCurve:
    """Fit the curve of an operator.

    Args:
        op: the operator.
        distances: side of the patches in px → median distance at each position of `GRID`.
    """
    positions = {side: fit_positions(medians) for side, medians in distances.items()}
    return SeverityCurve(declaration=declaration_of(op.parameters), positions=positions)


def median_distance(op: Distortion, position: float, views: Sequence[View], yardstick: Yardstick) -> float:
    """Return the median distance over patches at a position between the declared ends, in [0, 1].

    Parameters that do not depend on severity are drawn once per patch: the same at all positions.
    """
    calls = [OperatorCall(op.name, 1.0, op.draw(position, Draws(7, number))) for number in range(len(views))]
    distorted = apply_chains(views, [Chain((call,)) for call in calls])
    return float(np.median(yardstick.distances([view.centre for view in views], distorted)))


def fit_positions(distances: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Return the positions at which the distance is that of `TARGETS`.

    Distances are interpolated on a logarithmic scale. A target that is not reached within the declared ends becomes the
    nearer end, so several severities can share an end.

    Args:
        distances: median distance at each position of `GRID`. Where it falls with the position, the largest so far
            counts.
    """
    rising = np.log(np.maximum.accumulate(np.maximum(distances, 1e-5)))
    # Strictly rising, for np.interp: where distances are equal, the milder position counts.
    first = np.concatenate([[True], np.diff(rising) > 0])
    positions = np.interp(np.log(TARGETS), rising[first], np.asarray(GRID)[first], left=0.0, right=1.0)
    p0, p1, p2, p3, p4 = (round(float(position), 4) for position in positions)
    return p0, p1, p2, p3, p4
