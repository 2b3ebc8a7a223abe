"""How far single items lie from the middle of their cell, by a metric. A cell is a chain of operators at a severity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEW = 50
"""Points of a chain that a curve of its own takes at least; it has three coefficients. Chosen here."""
FURTHEST = 3.0
"""Residuals are clipped to this many standard deviations: one odd photograph must not decide."""
STEPS = 20
"""Steps of reweighting. Later ones change the fit by less than 1e-6."""
HUBER = 1.345
"""Tuning constant of Huber's weights: 95 % efficiency for normal errors (Huber 1981)."""
MAD = 1.4826
"""Standard deviation of a normal distribution per median absolute deviation."""


def cell_residuals(
    distances: NDArray[np.float64], severities: NDArray[np.float64], chains: NDArray[np.float64], least: float
) -> NDArray[np.float64]:
    """Return robust z-scores of log distance around a smooth curve over severity, one curve per chain.

    The curve is a quadratic in log severity, fitted by Huber's M-estimator, so that distances that grow as a power of
    severity are fitted exactly. A chain with fewer than `FEW` points takes the curve of all points, moved to the median
    of its own points: whether a metric minds an operator more than others is no matter of the single picture. The
    scale is the median absolute deviation of the same points.

    Args:
        distances: shape (M,), at least 0.
        severities: total severities, shape (M,).
        chains: number of the operators of each point, equal for equal operators; shape (M,).
        least: distances up to this one are rounding errors.

    Returns:
        Float64, shape (M,), in [-3, 3]; 0 where severity is 0 or the distance is not above `least`.
    """
    scores = np.zeros(len(distances))
    valid = np.flatnonzero((distances > least) & (severities > 0))
    if not valid.size:
        return scores
    logs, strengths = np.log(distances[valid]), np.log(severities[valid])
    residuals = logs - _curve(strengths, logs)
    own = np.zeros(len(valid), bool)
    members = np.unique(chains[valid], return_inverse=True)[1].reshape(-1)
    order = np.argsort(members, kind="stable")
    for points in np.split(order, np.flatnonzero(np.diff(members[order])) + 1):
        if len(points) < FEW:
            residuals[points] -= np.median(residuals[points])
        else:
            residuals[points] = _scaled(logs[points] - _curve(strengths[points], logs[points]))
            own[points] = True
    residuals[~own] = _scaled(residuals[~own])
    scores[valid] = np.clip(residuals, -FURTHEST, FURTHEST)
    return scores


def _curve(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a quadratic by iteratively reweighted least squares, and return its values at x."""
    basis = np.stack([np.ones_like(x), x, x * x], axis=1)
    weights = np.ones_like(y)
    fitted = np.full_like(y, np.median(y))
    for _ in range(STEPS):
        roots = np.sqrt(weights)
        fitted = basis @ np.linalg.lstsq(basis * roots[:, None], y * roots, rcond=None)[0]
        sizes = np.abs(_scaled(y - fitted))
        weights = HUBER / np.maximum(sizes, HUBER)
    return fitted


def _scaled(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide by the standard deviation, estimated from the median absolute deviation; zeros if that is 0."""
    if not residuals.size:
        return residuals
    deviation = MAD * np.median(np.abs(residuals))
    return residuals / deviation if deviation > 1e-9 else np.zeros_like(residuals)
