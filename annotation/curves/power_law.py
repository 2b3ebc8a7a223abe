"""Where a learning curve leads: a - b · n^-c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXPONENTS = np.geomspace(0.05, 2, 80)
"""Values of c that are tried."""
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
    """Fit a - b · n^-c by weighted least squares, with a at most 1, b at least 0, and c from 0.05 to 2.

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
    rng = np.random.default_rng(seed)
    copies = scores + errors * rng.standard_normal((RESAMPLES, len(counts)))
    fits = _fit(counts, np.concatenate([scores[None], copies]), errors)
    limit, gain, exponent = fits[0].tolist()
    return PowerLaw(limit, gain, exponent, fits[1:])


def _fit(counts: NDArray[np.float64], scores: NDArray[np.float64], errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a, b and c of every row of scores (R×P), R×3. For a given c, a and b have a closed form."""
    weights = 1 / errors**2
    weights /= weights.sum()
    x = counts ** -EXPONENTS[:, None]  # C×P
    mean_x, mean_y = x @ weights, scores @ weights
    spread = (x - mean_x[:, None]) ** 2 @ weights
    slope = ((scores - mean_y[:, None]) * weights) @ (x - mean_x[:, None]).T / spread  # R×C
    gain = np.maximum(-slope, 0)
    limit = mean_y[:, None] + gain * mean_x
    above = limit > 1  # then a is 1, and b follows from it
    gain = np.where(above, ((1 - scores) * weights) @ x.T / (x**2 @ weights), gain)
    limit = np.minimum(limit, 1)
    fitted = limit[..., None] - gain[..., None] * x
    best = ((scores[:, None] - fitted) ** 2 @ weights).argmin(axis=1)
    rows = np.arange(len(scores))
    return np.stack([limit[rows, best], gain[rows, best], EXPONENTS[best]], axis=1)
