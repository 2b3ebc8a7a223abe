"""The fit to people's scores: finds the measure that they follow, and never sees the types left out."""

from __future__ import annotations

import numpy as np
import pytest
from fit_people import BEST, WHOLE, fit_people, index, left_out
from kadid_types import TYPES
from measure import FOLDS
from numpy.typing import NDArray

Array = NDArray[np.float64]


@pytest.fixture
def means() -> Array:
    return np.linspace(4.6, 1.4, 5) - np.random.default_rng(0).uniform(0, 0.3, (len(TYPES), 1))


@pytest.fixture
def measures(means: Array) -> dict[int, dict[str, Array]]:
    """`gmsd` follows people on every crop, with noise; `l2` is noise alone."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(8, *means.shape))
    return {
        side: {"gmsd": factor * np.exp(BEST - means + 0.1 * noise), "l2": rng.uniform(0.1, 1, noise.shape)}
        for side, factor in ((64, 0.5), (WHOLE, 1.0))
    }


def test_the_measure_that_people_follow_gets_the_weight(measures: dict[int, dict[str, Array]], means: Array):
    fit = fit_people(measures, ["gmsd", "l2"], means)
    weights = {term.measure: term.weight for term in fit.terms}
    assert weights["gmsd"] > 0.9
    for side, of_side in measures.items():
        damage = np.median(fit.damage(index(fit, of_side).ravel(), side).reshape(-1, *means.shape), axis=0)
        assert np.abs(damage - (BEST - means)).mean() < 0.2
        assert fit.knots[side][0] == (0, 0)


def test_what_is_left_out_does_not_change_its_own_prediction(measures: dict[int, dict[str, Array]], means: Array):
    held = [TYPES.index(name) for name in FOLDS[0]]
    other = means.copy()
    other[held] = means[held][:, ::-1]
    before, after = (left_out(measures, ["gmsd", "l2"], scores)[WHOLE] for scores in (means, other))
    assert np.array_equal(before[:, held], after[:, held])
    assert not np.array_equal(before, after)
