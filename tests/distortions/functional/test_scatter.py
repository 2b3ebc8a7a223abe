"""Places of marks."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.scatter import scatter


def test_every_area_of_the_size_of_the_patch_has_as_many_marks() -> None:
    marks = scatter((220, 330), (20, 30), 7, 4, 0)
    assert marks.shape == (484, 2)
    counts, _, _ = np.histogram2d(marks[:, 0], marks[:, 1], bins=(11, 11), range=((0, 220), (0, 330)))
    assert (counts == 4).all()


def test_places_are_uniform() -> None:
    marks = scatter((640, 640), (64, 64), 3, 50, 0)
    counts, _, _ = np.histogram2d(*(marks[:, axis] % 64 for axis in (0, 1)), bins=4, range=((0, 64), (0, 64)))
    assert np.abs(counts / counts.mean() - 1).max() < 0.2  # 312 marks a bin: a standard deviation is .057


def test_more_marks_add_to_fewer() -> None:
    few, many = (scatter((64, 64), (64, 64), 1, count, 8, numbers=2) for count in (3, 9))
    assert {tuple(mark) for mark in few.tolist()} <= {tuple(mark) for mark in many.tolist()}


def test_more_surroundings_leave_the_marks_of_the_patch() -> None:
    patch, around = scatter((64, 64), (64, 64), 1, 5, 8), scatter((100, 100), (64, 64), 1, 5, 8)
    moved = around - 18
    touching = ((moved > -8) & (moved < 64)).all(axis=1)
    assert np.array_equal(np.sort(moved[touching], axis=0), np.sort(patch, axis=0))
    assert patch.max() < 64
    assert -8 < patch.min() < 0  # a mark beyond the border reaches into the patch
