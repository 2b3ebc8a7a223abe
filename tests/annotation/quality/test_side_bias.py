from __future__ import annotations

from types import ModuleType

import numpy as np
from scipy.stats import binomtest

from bappsmith.annotation.quality.side_bias import side_bias
from bappsmith.annotation.quality.task_answers import task_answers


def test_a_person_who_always_chooses_left_is_seen(simulated: ModuleType):
    people = [simulated.HONEST, simulated.Person(lapse=1, left=1.0)]
    answers = task_answers(simulated.simulate(people, simulated.truth(200, np.random.default_rng(0))), "2afc")
    left, total, p = side_bias(answers)
    assert total.tolist() == [120, 120]
    assert left[1] == 120
    assert p[1] < 1e-30 < 0.01 < p[0]


def test_the_p_value_is_that_of_the_exact_test(simulated: ModuleType):
    people = [simulated.Person(lapse=1, left=share) for share in (0.3, 0.45, 0.5, 0.6, 0.9)]
    answers = task_answers(simulated.simulate(people, np.zeros(100), per_session=20), "2afc")
    left, total, p = side_bias(answers)
    expected = [binomtest(int(k), int(n)).pvalue for k, n in zip(left, total, strict=True)]
    np.testing.assert_allclose(p, expected, rtol=1e-9)


def test_there_are_no_sides_in_jnd(simulated: ModuleType):
    answers = task_answers(simulated.simulate([simulated.HONEST], np.zeros(9), task="jnd", per_session=9), "jnd")
    assert [part.tolist() for part in side_bias(answers)] == [[0], [0], [1.0]]
