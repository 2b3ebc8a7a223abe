"""Random words are Philox's own, and depend on nothing but their key."""

from __future__ import annotations

import random
import threading

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions.random import Draws, normal_field, uniform_field

KEYS = st.integers(0, 2**64 - 1)


@settings(max_examples=20, deadline=None)
@given(key=KEYS, index=KEYS)
def test_words_are_those_of_numpys_philox(key: int, index: int) -> None:
    expected = np.random.Philox(counter=0, key=np.array([key, index], np.uint64)).random_raw(70)
    draws = Draws(key, index)
    assert [draws.word() for _ in range(70)] == expected.tolist()


def test_fields_are_their_keys_words_in_halves() -> None:
    words = np.random.Philox(counter=0, key=np.array([5, 2**64 - 1], np.uint64)).random_raw(3)
    halves = words.view("<u2")[:10].astype(np.float64)
    assert np.allclose(uniform_field(5, (2, 5)).ravel(), (halves - 32767.5) / 32768)


def test_normal_field_is_normal() -> None:
    field = normal_field(3, (400, 400, 3)).astype(np.float64)
    assert abs(field.mean()) < 0.006
    assert abs(field.std() - 1) < 0.005
    assert abs((field**4).mean() - 3) < 0.06
    assert abs((np.abs(field) < 1).mean() - 0.6827) < 0.003


def test_uniform_field_is_uniform() -> None:
    field = uniform_field(3, (400, 400, 3)).astype(np.float64)
    assert -1 < field.min() < -0.9999
    assert 0.9999 < field.max() < 1
    assert abs(field.mean()) < 0.004
    assert abs(field.std() - 1 / np.sqrt(3)) < 0.002


def test_streams_do_not_depend_on_what_was_drawn_before() -> None:
    alone = normal_field(7, (9, 9, 3))
    first, second = Draws(1, 2), Draws(1, 3)
    turns = [(first.word(), second.word(), normal_field(7, (9, 9, 3))) for _ in range(40)]
    again, other = Draws(1, 2), Draws(1, 3)
    assert [a for a, _, _ in turns] == [again.word() for _ in range(40)]
    assert [b for _, b, _ in turns] == [other.word() for _ in range(40)]
    assert all(np.array_equal(field, alone) for _, _, field in turns)


def test_threads_do_not_disturb_each_other() -> None:
    expected = [normal_field(seed, (64, 64, 3)) for seed in range(8)]
    found: dict[int, bool] = {}

    def work(seed: int) -> None:
        found[seed] = all(np.array_equal(normal_field(seed, (64, 64, 3)), expected[seed]) for _ in range(30))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(8), True)


def test_no_global_state_is_touched() -> None:
    numpy_state, python_state = np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002
    Draws(1).uniform()
    normal_field(1, (8, 8))
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    assert str(after) == str(numpy_state)
    assert random.getstate() == python_state


@settings(max_examples=30, deadline=None)
@given(key=KEYS, count=st.integers(1, 1000), low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6))
def test_draws_stay_in_range(key: int, count: int, low: float, span: float) -> None:
    draws = Draws(key)
    assert low <= draws.uniform(low, low + span) <= low + span
    assert 0 <= draws.integer(count) < count
    assert 0 <= draws.sub_seed() < 2**53
    assert draws.choice("abc") in "abc"


def test_draws_are_spread_evenly() -> None:
    draws = Draws(11)
    counts = np.bincount([draws.integer(10) for _ in range(20_000)], minlength=10)
    assert ((counts - 2000) ** 2 / 2000).sum() < 30  # chi-squared, 9 degrees of freedom: p < 0.001
