"""Fit the weights of a distance to votes within seconds: the heads of LPIPS on features that are computed once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

SMALL = 1e-9
"""Added to distances before their logarithm; features have mean 1 after scaling."""
STEPS = 60
"""Iterations of the search at most."""
GROUP_SPREAD = 2.0
"""Standard deviation of the logarithm of a group's weight before any vote was seen. Chosen here."""
SPREAD = 1.0
"""The same for a feature within its group. Chosen here."""


def scale_features(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale every feature to the same mean, so that the distance with all weights 1 has mean 1.

    Args:
        features: of p0 and p1 against ref, at least 0, N×2×K.
    """
    means = features.mean(axis=(0, 1), dtype=np.float64) * features.shape[2]
    return features * np.divide(1, means, out=np.zeros_like(means), where=means > 0).astype(np.float32)


def fit_weights(
    features: NDArray[np.float32],
    shares: NDArray[np.float64],
    votes: NDArray[np.float64],
    groups: NDArray[np.intp],
    spread: float = SPREAD,
) -> NDArray[np.float64]:
    """Fit w of the distance d = Σ_k w_k · m_k, so that P(p1) = σ(g · log(d0 / d1)) is most probable given the votes.

    This is the law of Weber and Fechner with logistic noise. log w is the sum of a number for the group of a feature
    (such as a layer of a trunk) and one for the feature, with normal priors of mean 0. So few votes change the weights
    of layers, more votes those of channels, and without votes all features count alike. g is fitted too.

    Args:
        features: m of p0 and p1, at least 0, scaled (see `scale_features`), N×2×K.
        shares: of votes for p1, in [0, 1], shape (N,).
        votes: number of votes, at least 0, shape (N,).
        groups: number of the group of every feature, from 0, shape (K,).
        spread: standard deviation of the logarithm of a feature's weight within its group.

    Returns:
        w, above 0, shape (K,).
    """
    first, second = np.ascontiguousarray(features[:, 0]), np.ascontiguousarray(features[:, 1])
    number, count = int(groups.max()) + 1, features.shape[2]
    spreads = np.repeat([GROUP_SPREAD, spread], [number, count])

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        gain, w = np.exp(x[0]), np.exp(x[1 : 1 + number][groups] + x[1 + number :])
        narrow = w.astype(np.float32)
        d0, d1 = (side @ narrow + np.float32(SMALL) for side in (first, second))
        ratio = np.log(d0.astype(np.float64)) - np.log(d1)
        z = gain * ratio
        value = votes @ (np.logaddexp(0, z) - shares * z) + np.square(x[1:] / spreads).sum() / 2
        slope = votes * (expit(z) - shares)
        by_weight = gain * w * ((slope / d0).astype(np.float32) @ first - (slope / d1).astype(np.float32) @ second)
        by_group = np.bincount(groups, by_weight, number)
        return float(value), np.concatenate([[slope @ z], np.concatenate([by_group, by_weight]) + x[1:] / spreads**2])

    bounds = [(-5.0, 5.0)] + [(-8.0, 8.0)] * (number + count)
    start = np.zeros(1 + number + count)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x
    return np.exp(found[1 : 1 + number][groups] + found[1 + number :])


def distances(
    features: NDArray[np.float32], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return d0 and d1, shape (N,) each."""
    narrow = weights.astype(np.float32)
    return features[:, 0] @ narrow, features[:, 1] @ narrow
