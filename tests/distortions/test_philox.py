"""Streams of many indices at once: the same numbers as one by one, by numpy's own generator."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.philox import uniform_rows
from bappsmith.distortions.random import Draws


@given(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 2**63 - 1), max_size=5), st.integers(0, 70))
def test_they_are_those_of_draws(key: int, indices: list[int], count: int):
    expected = [[draws.uniform() for _ in range(count)] for draws in (Draws(key, index) for index in indices)]
    rows = uniform_rows(key, indices, count)
    assert rows.shape == (len(indices), count)
    assert np.array_equal(rows, np.array(expected).reshape(len(indices), count))
