from __future__ import annotations

from types import ModuleType

import numpy as np

from bappsmith.annotation.quality.self_consistency import self_consistency
from bappsmith.annotation.quality.task_answers import task_answers


def test_careless_people_agree_with_themselves_by_chance(simulated: ModuleType):
    people = [simulated.Person(noise=0.01, lapse=0), simulated.CARELESS, simulated.Person(lapse=1, left=1)]
    preferences = simulated.truth(400, np.random.default_rng(0))
    answers = task_answers(simulated.simulate(people, preferences, per_session=400, repeats=400), "2afc")
    equal, total, corrected = self_consistency(answers)
    assert total.tolist() == [400, 400, 400]
    assert equal[0] > 390
    np.testing.assert_allclose(corrected, [1, 0, 0], atol=0.15)


def test_in_jnd_always_same_is_explained_by_chance(simulated: ModuleType):
    people = [simulated.Person(lapse=1, left=1), simulated.Person(lapse=1, left=0.9)]
    answers = task_answers(simulated.simulate(people, np.zeros(400), task="jnd", per_session=400, repeats=400), "jnd")
    equal, total, corrected = self_consistency(answers)
    assert equal[0] == total[0] == 400
    assert np.isnan(corrected[0])
    assert abs(corrected[1]) < 0.15  # they agree in .82, which is .9² + .1²


def test_without_repeats_nothing_is_known(simulated: ModuleType):
    answers = task_answers(simulated.simulate([simulated.HONEST], np.zeros(9), per_session=9, repeats=0), "2afc")
    assert np.isnan(self_consistency(answers)[2]).all()
