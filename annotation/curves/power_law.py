"""Where a learning curve leads: a - b · n^-c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

RESAMPLES = 200
"""Fits to noisy copies of the points, for intervals."""


@dataclass(frozen=True)
class PowerLaw:
    """Scores as a function of the number of items.

    Attributes:
        limit: a, the score that is approached.
        gain: b, at least 0.
        exponent: c.
        samples: the same three of fits to noisy copies of the points, float64 R×3.
    """

    limit: float
    gain: float
    exponent: float
    samples: NDArray[np.float64]

    def __call__(self, count: float) -> float:
        """Return the score with this many items."""
        return self.limit - self.gain * count**-self.exponent

    def interval(self, count: float) -> tuple[float, float]:
        """Return the 95 % interval of the score with this many items."""
        a, b, c = self.samples.T
        low, high = np.quantile(a - b * count**-c, [0.025, 0.975])
        return float(low), float(high)


def fit_power_law(
    counts: NDArray[np.float64], scores: NDArray[np.float64], errors: NDArray[np.float64], *, seed: int = 0
) -> PowerLaw | None:
    """Fit a - b · n^-c by weighted least squares, with a in [0, 1], b at least 0, and c in [0.05, 2].

    Args:
        counts: numbers of items, shape (P,).
        scores: in [0, 1], shape (P,).
        errors: standard errors of the scores, shape (P,), above 0.
        seed: of the noise of the copies. It is normal with the standard errors, and independent.

    Returns:
        The fit; None with fewer than four points.
    """
    if len(counts) < 4:
        return None
    found = _fit(counts, scores, errors)
    rng = np.random.default_rng(seed)
    samples = [_fit(counts, scores + errors * rng.standard_normal(len(counts)), errors) for _ in range(RESAMPLES)]
    return PowerLaw(*found, np.array(samples))


def _fit(
    counts: NDArray[np.float64], scores: NDArray[np.float64], errors: NDArray[np.float64]
) -> tuple[float, float, float]:
    first, last = float(scores[0]), float(scores[-1])
    middle = float(counts[0])  # b is fitted for n / middle, so that all parameters are of the size of scores
    start = (min(max(last, 0.0), 1.0), max(last - first, 1e-3), 0.5)
    found, _ = curve_fit(
        lambda n, a, b, c: a - b * (n / middle) ** -c,
        counts,
        scores,
        start,
        errors,
        bounds=((0, 0, 0.05), (1, 1, 2)),
        max_nfev=2000,
    )
    a, b, c = (float(value) for value in found)
    return a, b * middle**c, c
