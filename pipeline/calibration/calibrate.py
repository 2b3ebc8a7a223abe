"""Fit the table of severities of operators on photographs, and measure what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bappsmith.distortions.registry import operator
from bappsmith.distortions.severity_curve import KNOTS, SeverityCurve
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources.index import index_sources

from .fit import fit_curve, median_distance
from .views import natural_views
from .yardstick import Yardstick

SIDES = (64, 128, 256)
"""Sides of patches in px at which curves are fitted."""


@dataclass(frozen=True)
class Calibration:
    """The curve of one operator, and what it does.

    Attributes:
        name: of the operator.
        curve: fitted.
        before: side in px → median distance at each of `KNOTS` but the first, with severity from end to end.
        after: the same with the curve.
    """

    name: str
    curve: SeverityCurve
    before: dict[int, tuple[float, ...]]
    after: dict[int, tuple[float, ...]]


def calibrate(
    names: Sequence[str],
    photos: str | Path,
    yardstick: Yardstick,
    *,
    patches: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> list[Calibration]:
    """Fit the curves of operators.

    Args:
        names: of registered operators.
        photos: folder or glob of photographs, or `samples`.
        yardstick: measures distances; see `lpips_yardstick`.
        patches: number of patches per size, each from another photograph.
        progress: called with (operators done, operators in all).

    Raises:
        BappsmithError: an operator is unknown, or there are too few photographs.
    """
    chosen = [operator(name) for name in names]
    index = index_sources(Sources(path=str(photos)))
    views = {side: natural_views(index, patches, side) for side in SIDES}
    results: list[Calibration] = []
    for done, op in enumerate(chosen, start=1):
        curve = fit_curve(op, views, yardstick)
        before, after = (
            {
                side: tuple(median_distance(op, at, views[side], yardstick) for at in positions[side][1:])
                for side in SIDES
            }
            for positions in (dict.fromkeys(SIDES, KNOTS), curve.positions)
        )
        results.append(Calibration(op.name, curve, before, after))
        if progress:
            progress(done, len(chosen))
    return results
