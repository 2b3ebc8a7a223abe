"""The course of a training, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.schedule import Schedule, schedule

TUNE = TrainConfig(mode="tune")
SCRATCH = TrainConfig(mode="scratch", trunk_weights=None)


def test_learning_rates_are_constant_then_fall_in_equal_steps():
    rates = [Schedule(5, 5, 1e-4, 1e-6).rates(epoch) for epoch in range(10)]
    assert rates[:5] == [[1e-4, 1e-6]] * 5
    assert [rate for rate, _ in rates[5:]] == pytest.approx([1e-4 * k / 6 for k in (5, 4, 3, 2, 1)])
    assert [rate for _, rate in rates[5:]] == pytest.approx([1e-6 * k / 6 for k in (5, 4, 3, 2, 1)])
    assert Schedule(1, 0, 1e-3, None).rates(0) == [1e-3]


@pytest.mark.parametrize(
    ("triplets", "batch", "epochs"),
    [(20_000, 50, (5, 5)), (60, 50, (20, 20)), (151_400, 50, (2, 2)), (28_000, 50, (4, 4)), (20_000, 25, (3, 2))],
)
def test_the_rule_by_hand(triplets: int, batch: int, epochs: tuple[int, int]):
    course = schedule(TrainConfig(batch=batch), triplets)
    assert course == Schedule(*epochs, 1e-3, None)


@given(st.integers(1, 10**7), st.integers(1, 1000))
def test_the_rule_takes_4000_steps_if_its_epochs_allow_it(triplets: int, batch: int):
    course = schedule(TrainConfig(batch=batch), triplets)
    assert 4 <= course.all_epochs <= 40
    assert course.epochs - course.decay_epochs in (0, 1)
    steps = course.all_epochs * triplets / batch
    assert steps >= 4000 or course.all_epochs == 40
    assert steps < 4000 + triplets / batch or course.all_epochs == 4


def test_what_is_given_is_kept():
    zhang = TrainConfig(epochs=5, decay_epochs=5, learning_rate=1e-4)
    assert schedule(zhang, 7) == Schedule(5, 5, 1e-4, None)
    assert schedule(TrainConfig(epochs=3), 20_000) == Schedule(3, 3, 1e-3, None)
    assert schedule(TrainConfig(decay_epochs=4), 20_000) == Schedule(6, 4, 1e-3, None)
    assert schedule(TrainConfig(decay_epochs=40), 20_000) == Schedule(0, 40, 1e-3, None)
    assert schedule(TrainConfig(decay_epochs=0), 20_000) == Schedule(10, 0, 1e-3, None)


def test_the_trunk_learns_a_hundred_times_slower_in_tune_and_as_fast_in_scratch():
    assert schedule(TUNE, 20_000).trunk_learning_rate == pytest.approx(1e-5)
    assert schedule(replace(TUNE, learning_rate=1e-2), 20_000).trunk_learning_rate == pytest.approx(1e-4)
    assert schedule(replace(TUNE, trunk_learning_rate=3e-6), 20_000).trunk_learning_rate == 3e-6
    assert schedule(SCRATCH, 20_000) == Schedule(5, 5, 1e-4, 1e-4)
