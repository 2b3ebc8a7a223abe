from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest


@pytest.fixture(scope="package")
def crowd(simulated: ModuleType) -> pa.Table:
    """20 honest people; then one who clicks at random, one always left, one wrong, one too fast, one by the clock."""
    person = simulated.Person
    others = [person(lapse=1), person(lapse=1, left=1), person(wrong=1), person(median_ms=150), person(sigma=0.01)]
    preferences = simulated.truth(500, np.random.default_rng(0))
    return simulated.simulate([simulated.Person(lapse=0)] * 20 + others, preferences, seed=1)
