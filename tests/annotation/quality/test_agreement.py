from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from bappsmith.annotation.quality.agreement import agreement
from bappsmith.annotation.quality.task_answers import TaskAnswers, task_answers


def by_hand(answers: TaskAnswers, person: int) -> float:
    """Share of the votes of the first 20 that a person agrees with, over items that two others judged."""
    shares = []
    for own in np.flatnonzero(answers.votes & (answers.person == person)):
        same = answers.votes & (answers.item == answers.item[own]) & (answers.person != person) & (answers.person < 20)
        others = answers.positive[same]
        if len(others) > 1:
            shares.append(np.mean(others == answers.positive[own]))
    return float(np.mean(shares))


@pytest.mark.parametrize("task", ["2afc", "jnd"])
def test_relative_agreement_is_1_for_most_0_by_chance_and_below_0_on_purpose(simulated: ModuleType, task: str):
    people = [simulated.HONEST] * 20 + [
        simulated.CARELESS,
        simulated.Person(wrong=1),
        simulated.Person(lapse=1, left=1),
    ]
    preferences = simulated.truth(500, np.random.default_rng(1))
    answers = task_answers(simulated.simulate(people, preferences, task=task, per_session=200, votes=9), task)
    trusted = np.arange(len(people)) < 20
    items, alike, relative, z = agreement(answers, trusted, 0.5)
    assert (items >= 150).all()
    assert alike[3] == pytest.approx(by_hand(answers, 3))
    assert 0.85 < np.median(relative[:20]) < 1.15
    np.testing.assert_allclose(relative[20:], [0, -1, 0], atol=0.3)
    assert z[:20].min() > -1 > z[20:].max()


def test_items_with_one_other_vote_say_nothing(simulated: ModuleType):
    answers = task_answers(simulated.simulate([simulated.HONEST] * 2, np.zeros(20), per_session=20, votes=2), "2afc")
    items, alike, relative, z = agreement(answers, np.ones(2, bool), 0.5)
    assert items.tolist() == [0, 0]
    assert np.isnan([*alike, *relative, *z]).all()


def test_z_is_the_t_statistic_of_the_items(simulated: ModuleType):
    people = [simulated.HONEST] * 6
    preferences = simulated.truth(40, np.random.default_rng(3))
    answers = task_answers(simulated.simulate(people, preferences, per_session=40, votes=6), "2afc")
    *_, z = agreement(answers, np.ones(6, bool), 0.5)
    own = answers.votes & (answers.person == 2)
    differences = []
    for item, value in zip(answers.item[own], answers.positive[own], strict=True):
        votes = answers.positive[answers.votes & (answers.item == item) & (answers.person != 2)]
        k, n = votes.sum(), len(votes)
        pairs = (k * (k - 1) + (n - k) * (n - k - 1)) / (n * (n - 1))
        differences.append(np.mean(votes == value) - 0.5 - 0.5 * (pairs - 0.5))
    assert z[2] == pytest.approx(ttest_1samp(differences, 0).statistic)
