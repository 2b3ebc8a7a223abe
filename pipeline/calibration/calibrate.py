"""Fit the table of severities of operators on photographs, and measure what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bappsmith.distortions.registry import operator, operators
from bappsmith.distortions.severity_curve import KNOTS, SeverityCurve, SeverityTable, declaration_of, read_table
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.store.atomic import atomic_write_bytes
from bappsmith.pipeline.judging.anchors import SHIPPED, read_anchors
from bappsmith.pipeline.sources.index import index_sources

from .fit import GRID, Measured, fit
from .views import photograph_views
from .yardstick import Yardstick

SIDES = (64, 128, 256)
"""Sides of patches in px at which curves are fitted."""


@dataclass(frozen=True)
class Calibration:
    """The curve of one operator, and what it does.

    Attributes:
        name: of the operator.
        curve: fitted; it holds the damage at each of `KNOTS`.
        before: side in px → damage at each of `KNOTS` as severity was until now, interpolated between positions that
            were measured.
    """

    name: str
    curve: SeverityCurve
    before: dict[int, tuple[float, ...]]


def calibrate(
    table: Path,
    names: Sequence[str],
    photos: str | Path,
    yardstick: Yardstick,
    *,
    patches: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> list[Calibration]:
    """Fit the curves of operators, and write them to a table. Rows of other operators in it are kept.

    Args:
        table: the file; a new one, or one that was fitted by the same yardstick.
        names: of registered operators; empty: those that have a row in the table, or every calibrated one.
        photos: folder or glob of photographs, or `samples`.
        yardstick: measures damage where people did not judge an operator; see `people_yardstick`.
        patches: number of patches per size, each from another photograph.
        progress: called with (operators done, operators in all).

    Raises:
        BappsmithError: the table is damaged or was fitted by another yardstick, an operator is unknown or cannot be
            applied on this machine, or there are too few photographs.
    """
    known = read_table(table) if table.exists() else SeverityTable(yardstick=yardstick.name, operators={})
    if known.yardstick != yardstick.name:
        raise BappsmithError(
            f"{table} was fitted by {known.yardstick}, not by {yardstick.name}; give another file, and fit all "
            "operators again"
        )
    calibrated = (name for name, op in operators().items() if op.calibrated)
    chosen = [operator(name) for name in names or known.operators or calibrated]
    for op in chosen:
        if reason := op.unavailable():
            raise BappsmithError(f"calibrate: operator '{op.name}' {reason}, or name the operators to calibrate")
    index = index_sources(Sources(path=str(photos)))
    views = {side: photograph_views(index, patches, side) for side in SIDES}
    anchors = read_anchors(SHIPPED)
    results: list[Calibration] = []
    for done, op in enumerate(chosen, start=1):
        measured = {side: Measured(op, views[side], yardstick, anchors) for side in SIDES}
        fitted = {side: fit(measured[side]) for side in SIDES}
        before = {
            side: tuple(
                float(np.interp(op.position(knot, side), GRID, np.maximum.accumulate(measured[side].grid)))
                for knot in KNOTS
            )
            for side in SIDES
        }
        curve = SeverityCurve(
            declaration=declaration_of(op.parameters),
            positions={side: positions for side, (positions, _) in fitted.items()},
            damage={side: damage for side, (_, damage) in fitted.items()},
        )
        results.append(Calibration(op.name, curve, before))
        if progress:
            progress(done, len(chosen))
    rows = {**known.operators, **{result.name: result.curve for result in results}}
    atomic_write_bytes(table, SeverityTable(yardstick=yardstick.name, operators=rows).text().encode())
    return results
