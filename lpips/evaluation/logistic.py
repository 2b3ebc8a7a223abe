"""The linear correlation of a metric with people's scores, after the usual logistic fit."""

# pyright: reportMissingTypeStubs=false
# scipy has no stubs.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .correlation import pearson
from .scores import Statistic, vectors


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """People's scores as a function of a metric, fitted by least squares.

    Attributes:
        damage: fitted score of every item, float64, shape (N,).
        straight: True if a straight line was fitted instead of the logistic function.
    """

    damage: NDArray[np.float64]
    straight: bool


def fit_logistic(distance: ArrayLike, damage: ArrayLike) -> LogisticFit:
    """Fit f(d) = β1·(½ - 1 / (1 + exp(β2·(d - β3)))) + β4·d + β5 (Sheikh, Sabir and Bovik 2006; VQEG).

    Distances and scores are standardised first, which leaves the family of functions as it is. The search (Levenberg
    and Marquardt, at most 2000 evaluations) starts at β1 = 4 (nearly the range of the scores), β2 = ±1 (the sign of the
    correlation) and 0 otherwise. A straight line (β1 = 0) is fitted instead if the search finds nothing that is nearer
    to the scores, or if there are at most five different distances, through which five parameters pass anyway.

    Args:
        distance: of a metric, shape (N,).
        damage: people's scores, shape (N,), higher for worse images.

    Raises:
        BappsmithError: shapes differ, or a value is NaN.
    """
    from scipy.optimize import least_squares  # takes half a second: import it only if people's scores are used
    from scipy.special import expit

    distance, damage = vectors(distance=distance, damage=damage)
    if np.ptp(distance) == 0 or np.ptp(damage) == 0:
        return LogisticFit(np.full(len(damage), damage[0]), True)
    x, y = ((values - values.mean()) / values.std() for values in (distance, damage))
    slope = float(np.mean(x * y))
    fitted, straight = slope * x, True
    if len(np.unique(distance)) > 5:

        def curve(beta: NDArray[np.float64]) -> NDArray[np.float64]:
            return beta[0] * (expit(beta[1] * (x - beta[2])) - 0.5) + beta[3] * x + beta[4]

        start = (4.0, 1.0 if slope >= 0 else -1.0, 0.0, 0.0, 0.0)
        with np.errstate(all="ignore"):  # the search may try parameters without a finite curve
            result = least_squares(lambda beta: curve(beta) - y, start, method="lm", max_nfev=2000)
            values = curve(result.x)
        if np.sum((values - y) ** 2) < np.sum((fitted - y) ** 2):  # not if a value is NaN
            fitted, straight = values, False
    return LogisticFit(damage.mean() + damage.std() * fitted, straight)


def plcc(distance: ArrayLike, damage: ArrayLike) -> float:
    """Compute Pearson's linear correlation between people's scores and the fitted function of the metric.

    See `fit_logistic`. The fit can rise or fall, so the sign does not tell whether the metric orders as people do.

    Args:
        distance: of a metric, shape (N,).
        damage: people's scores, shape (N,), higher for worse images.

    Returns:
        In [0, 1]; NaN if all distances or all scores are equal.

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> round(plcc([1, 2, 3, 4], [1, 2, 4, 3]), 6)
        0.8
    """
    fit = fit_logistic(distance, damage)
    return float(plcc_statistic(fit, damage)(np.ones((1, np.size(distance))))[0])


def plcc_statistic(fit: LogisticFit, damage: ArrayLike) -> Statistic:
    """Make the statistic `plcc`. The function is fitted once, to all items, and not to every bootstrap sample."""
    fitted, people = vectors(fit=fit.damage, damage=damage)
    centre = people.mean()
    return lambda counts: pearson(fitted - centre, people - centre, counts)
