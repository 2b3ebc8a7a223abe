"""Scattered marks: so many per patch, and so many per area."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.scatter import scatter_per_area, scatter_per_patch


def test_every_area_of_the_size_of_the_patch_has_as_many_marks() -> None:
    marks = scatter_per_patch((220, 330), (20, 30), 7, 4, 0)
    assert marks.shape == (484, 2)
    counts, _, _ = np.histogram2d(marks[:, 0], marks[:, 1], bins=(11, 11), range=((0, 220), (0, 330)))
    assert (counts == 4).all()


def test_places_are_uniform() -> None:
    marks = scatter_per_patch((640, 640), (64, 64), 3, 50, 0)
    counts, _, _ = np.histogram2d(*(marks[:, axis] % 64 for axis in (0, 1)), bins=4, range=((0, 64), (0, 64)))
    assert np.abs(counts / counts.mean() - 1).max() < 0.2  # 312 marks a bin: a standard deviation is .057


def test_more_marks_add_to_fewer() -> None:
    few, many = (scatter_per_patch((64, 64), (64, 64), 1, count, 8, numbers=2) for count in (3, 9))
    assert {tuple(mark) for mark in few.tolist()} <= {tuple(mark) for mark in many.tolist()}


def test_more_surroundings_leave_the_marks_of_the_patch() -> None:
    patch, around = scatter_per_patch((64, 64), (64, 64), 1, 5, 8), scatter_per_patch((100, 100), (64, 64), 1, 5, 8)
    moved = around - 18
    touching = ((moved > -8) & (moved < 64)).all(axis=1)
    assert np.array_equal(np.sort(moved[touching], axis=0), np.sort(patch, axis=0))
    assert patch.max() < 64
    assert -8 < patch.min() < 0  # a mark beyond the border reaches into the patch


def test_the_density_is_per_area_whatever_the_size() -> None:
    for side in (16, 64, 256):
        inside = [
            np.logical_and(places > -0.5, places < side - 0.5).all(axis=1).sum()
            for places, _ in (scatter_per_area(seed, (side, side), 9.0, 5.0, 1) for seed in range(200))
        ]
        assert abs(np.mean(inside) / (9 * side * side / 4096) - 1) < 0.25


def test_marks_lie_beyond_the_borders_too() -> None:
    places, numbers = scatter_per_area(3, (64, 32), 500.0, 10.0, 4)
    assert places[:, 0].min() < -8
    assert places[:, 0].max() > 39
    assert places[:, 1].min() < -8
    assert places[:, 1].max() > 71
    assert numbers.shape == (len(places), 4)
    assert numbers.min() > 0
    assert numbers.max() < 1


def test_a_higher_density_keeps_what_was_there() -> None:
    few, of_few = scatter_per_area(5, (64, 64), 3.0, 6.0, 2)
    many, of_many = scatter_per_area(5, (64, 64), 30.0, 6.0, 2)
    assert len(many) > len(few) > 0
    assert np.array_equal(many[: len(few)], few)
    assert np.array_equal(of_many[: len(few)], of_few)


def test_expected_numbers_below_one_give_none_or_one() -> None:
    numbers = [len(scatter_per_area(seed, (64, 64), 0.25, 0.0, 1)[0]) for seed in range(400)]
    assert set(numbers) == {0, 1}
    assert 0.18 < np.mean(numbers) < 0.32
