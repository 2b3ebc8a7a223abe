"""Fit a function of measures to people's mean scores: weights by pairs of cells, then a rising map to damage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from kadid_types import TYPES
from measure import FOLDS, GAP
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls

from bappsmith.pipeline.calibration.people import DamageFit, Term

Array = NDArray[np.float64]
Measures = Mapping[str, Array]
"""Name → values of all cells, shape (crops, types, levels)."""

BEST = 4.65
"""Mean score of an image without damage: the best cell of KADID-10k has 4.60."""
WHOLE = 192
"""Shorter side of a cell, px. Weights are fitted to whole cells, maps to cells and to crops of them."""
QUANTILES = (0.25, 0.5, 0.75, 0.97)
"""Of the cells' indices, where the map to damage has its knots."""
IN_PLACES = ("non_eccentricity_patch", "color_block")
"""Types that change a few places of an image. Most crops hold none, so people's scores do not apply to crops."""


def fit_people(
    by_side: Mapping[int, Measures], names: Sequence[str], means: Array, types: Sequence[int] | None = None
) -> DamageFit:
    """Fit weights to whole cells, and a map to damage for each size.

    Args:
        by_side: shorter side in px → measures of crops of that size; `WHOLE` is one.
        names: of the measures to combine.
        means: people's scores, shape (types, levels).
        types: rows of the types to fit to; None: all.
    """
    rows = np.arange(len(means)) if types is None else np.asarray(types)
    scales = {name: float(f"{np.median(by_side[WHOLE][name]):.3g}") for name in names}
    logs = np.stack([np.log1p(by_side[WHOLE][name][:, rows] / scales[name]) for name in names], axis=-1)
    weights = _weights(logs, means[rows])
    terms = [
        Term(measure=name, scale=scales[name], weight=round(float(weight), 4))
        for name, weight in zip(names, weights, strict=True)
        if weight > 0.005
    ]
    fit = DamageFit(terms=tuple(terms), knots={1: ((0, 0), (1, 1))})
    knots = {
        side: _knots(np.median(index(fit, measures), axis=0)[everywhere].ravel(), (BEST - means[everywhere]).ravel())
        for side, measures in by_side.items()
        for everywhere in [[row for row in rows if side == WHOLE or TYPES[row] not in IN_PLACES]]
    }
    return fit.model_copy(update={"knots": knots})


def index(fit: DamageFit, measures: Measures) -> Array:
    """Return the index of all cells."""
    return fit.index(dict(measures))


def left_out(by_side: Mapping[int, Measures], names: Sequence[str], means: Array) -> dict[int, Array]:
    """Return damage of all cells, each by a fit that has not seen its type (four folds); side → values of the cells."""
    results = {side: np.empty(next(iter(measures.values())).shape) for side, measures in by_side.items()}
    for fold in FOLDS:
        held = [TYPES.index(name) for name in fold]
        fit = fit_people(by_side, names, means, [row for row in range(len(TYPES)) if row not in held])
        for side, measures in by_side.items():
            results[side][:, held] = fit.damage(index(fit, measures), side)[:, held]
    return results


def _weights(logs: Array, means: Array) -> Array:
    """Return weights ≥ 0 that sum to 1: logistic regression on pairs of cells of different types of one crop."""
    levels = means.shape[1]
    scores, type_of = means.ravel(), np.repeat(np.arange(len(means)), levels)
    better, worse = np.nonzero((scores[:, None] - scores[None, :] > GAP) & (type_of[:, None] != type_of[None, :]))
    flat = logs.reshape(len(logs), -1, logs.shape[-1])
    difference = (flat[:, worse] - flat[:, better]).reshape(-1, logs.shape[-1])
    spread = difference.std(axis=0)
    difference /= spread

    def loss(weights: Array) -> tuple[float, Array]:
        margin = difference @ weights
        slope = -(difference / (1 + np.exp(margin))[:, None]).mean(axis=0)
        return float(np.logaddexp(0, -margin).mean() + 1e-3 * weights @ weights), slope + 2e-3 * weights

    count = len(spread)
    fitted = minimize(loss, np.full(count, 0.5), jac=True, method="L-BFGS-B", bounds=[(0, None)] * count).x / spread
    return fitted / fitted.sum()


def _knots(values: Array, damage: Array) -> tuple[tuple[float, float], ...]:
    """Fit the rising, piecewise linear map that is nearest to the cells, through (0, 0)."""
    knots = np.concatenate([[0.0], np.quantile(values, QUANTILES)])
    steps = ((values[:, None] - knots[:-1]) / np.diff(knots)).clip(0, 1)
    rises, _ = nnls(steps, damage)
    heights = np.concatenate([[0.0], np.cumsum(rises)])
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in zip(knots, heights, strict=True))
