from __future__ import annotations

from types import ModuleType

import numpy as np
import pyarrow as pa

from bappsmith.annotation.quality.response_time import response_times
from bappsmith.annotation.quality.task_answers import task_answers


def test_median_and_spread_of_everybody(simulated: ModuleType):
    people = [simulated.Person(median_ms=600, sigma=0.4), simulated.Person(median_ms=200, sigma=0.001)]
    answers = task_answers(simulated.simulate(people, np.zeros(300), per_session=300), "2afc")
    count, median, spread = response_times(answers)
    assert count.tolist() == [320, 320]
    np.testing.assert_allclose(median, [600, 200], rtol=0.1)
    np.testing.assert_allclose(spread, [0.54, 0.00135], rtol=0.25)  # 2 · .6745 · sigma of a narrow lognormal


def test_unknown_times_are_left_out(simulated: ModuleType):
    votes = simulated.simulate([simulated.HONEST], np.zeros(5), per_session=5)
    times = votes.schema.get_field_index("response_ms")
    votes = votes.set_column(times, votes.schema.field(times), pa.nulls(len(votes), pa.float64()))
    count, median, spread = response_times(task_answers(votes, "2afc"))
    assert count.tolist() == [0]
    assert np.isnan([*median, *spread]).all()
