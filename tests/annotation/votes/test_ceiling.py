from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from scipy.stats import beta, norm

from bappsmith.annotation.votes.ceiling import best_score, ceiling_of_votes, task_ceilings
from bappsmith.pipeline.judging.ceiling import human_ceiling, predictor_ceiling, published_human_ceiling


@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.3, 0.5), (4, 4), (8, 2)])
def test_the_best_score_of_a_beta_distribution(a: float, b: float):
    p = beta.ppf((np.arange(200_000) + 0.5) / 200_000, a, b)
    assert best_score(p.mean(), p.var()) == pytest.approx(np.maximum(p, 1 - p).mean(), abs=1e-4)


def test_no_spread_leaves_the_majority_and_full_spread_leaves_no_doubt():
    assert best_score(0.3, 0) == best_score(0.3, -0.1) == 0.7
    assert best_score(0.5, 0.25) == best_score(0.5, 0.4) == 1


def test_the_ceiling_is_that_of_the_distribution():
    rng = np.random.default_rng(2)
    for a in (0.3, 1.0, 3.0):
        p = rng.beta(a, a, 60_000)
        votes = rng.integers(2, 6, len(p)).astype(np.int32)
        found = ceiling_of_votes(rng.binomial(votes, p) / votes, votes)
        assert found == pytest.approx(np.maximum(p, 1 - p).mean(), abs=0.006)
    assert ceiling_of_votes(np.array([1.0, 0.0]), np.array([5, 5], np.int32)) == 1
    assert ceiling_of_votes(np.array([0.5]), np.array([2], np.int32)) == 0.5
    assert np.isnan(ceiling_of_votes(np.array([1.0]), np.array([1], np.int32)))


@pytest.mark.parametrize("task", ["2afc", "jnd"])
def test_ceilings_agree_with_the_formulas_of_the_true_probabilities(simulated: ModuleType, task: str):
    preferences = simulated.truth(2000, np.random.default_rng(0))
    people = [simulated.Person(lapse=0)] * 100
    (ceiling,) = task_ceilings(simulated.simulate(people, preferences, task=task, votes=5))
    p = norm.cdf(preferences)
    truths = {
        "human": human_ceiling(p),
        "published": published_human_ceiling(p, np.full(2000, 5, np.int32)),
        "best": predictor_ceiling(p),
    }
    for name, truth in truths.items():
        estimate = getattr(ceiling, name)
        assert estimate.value == pytest.approx(truth.mean(), abs=0.02)
        assert estimate.low < estimate.value < estimate.high
        assert estimate.high - estimate.low < 0.04
    assert ceiling.task == task
    assert ceiling.items == 2000


def test_items_with_one_vote_say_nothing(simulated: ModuleType):
    (ceiling,) = task_ceilings(simulated.simulate([simulated.HONEST], np.zeros(20), per_session=20))
    assert ceiling.items == 0
    values = ceiling.to_json()["human"]
    assert values == {"value": None, "low": None, "high": None}


def test_an_empty_table_has_no_ceilings(simulated: ModuleType):
    assert task_ceilings(simulated.simulate([simulated.HONEST], np.zeros(5), per_session=5).slice(0, 0)) == []
