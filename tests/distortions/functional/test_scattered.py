"""Scattered things."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.scattered import scattered


def test_the_density_is_per_area_whatever_the_size() -> None:
    for side in (16, 64, 256):
        inside = [
            np.logical_and(places > -0.5, places < side - 0.5).all(axis=1).sum()
            for places, _ in (scattered(seed, (side, side), 9.0, 5.0, 1) for seed in range(200))
        ]
        assert abs(np.mean(inside) / (9 * side * side / 4096) - 1) < 0.25


def test_things_lie_beyond_the_borders_too() -> None:
    places, marks = scattered(3, (64, 32), 500.0, 10.0, 4)
    assert places[:, 0].min() < -8
    assert places[:, 0].max() > 39
    assert places[:, 1].min() < -8
    assert places[:, 1].max() > 71
    assert marks.shape == (len(places), 4)
    assert marks.min() > 0
    assert marks.max() < 1


def test_a_higher_density_keeps_what_was_there() -> None:
    few, of_few = scattered(5, (64, 64), 3.0, 6.0, 2)
    many, of_many = scattered(5, (64, 64), 30.0, 6.0, 2)
    assert len(many) > len(few) > 0
    assert np.array_equal(many[: len(few)], few)
    assert np.array_equal(of_many[: len(few)], of_few)


def test_expected_numbers_below_one_give_none_or_one() -> None:
    numbers = [len(scattered(seed, (64, 64), 0.25, 0.0, 1)[0]) for seed in range(400)]
    assert set(numbers) == {0, 1}
    assert 0.18 < np.mean(numbers) < 0.32
