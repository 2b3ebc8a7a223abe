"""Masks of strokes."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.strokes import Strokes, strokes_mask

_BLUR = 0.01
"""No blur."""


def line(start: tuple[float, float], end: tuple[float, float], strength: float = 1.0, thickness: int = 1) -> Strokes:
    return Strokes(np.array([[start, end]], np.float64), np.array([strength]), thickness)


def test_a_stroke_has_its_place_and_strength() -> None:
    mask = strokes_mask((20, 30), [line((4, 10), (15, 10), strength=0.6)], _BLUR)
    assert mask.shape == (20, 30)
    assert np.flatnonzero(mask.max(axis=1) > 90).tolist() == [10]
    assert set(range(5, 15)) <= set(np.flatnonzero(mask[10] > 90)) <= set(range(4, 16))
    assert 120 < mask.max() <= 153


def test_stronger_strokes_lie_on_top() -> None:
    strokes = Strokes(
        np.array([[(10.0, 2.0), (10.0, 17.0)], [(2.0, 10.0), (17.0, 10.0)]]), np.array([1.0, 0.2]), thickness=1
    )
    mask = strokes_mask((20, 20), [strokes], _BLUR)
    assert mask[10, 10] > 200
    assert 40 < mask[10, 5] <= 51


def test_borders_cut_strokes_as_they_are() -> None:
    groups = [line((-30, 4), (40, 9)), line((7, -5), (3, 30), strength=0.7, thickness=4)]
    moved = [Strokes(group.points + 25, group.strength, group.thickness) for group in groups]
    for blur in (_BLUR, 1.3):
        larger = strokes_mask((61, 62), moved, blur)
        assert np.array_equal(strokes_mask((11, 12), groups, blur), larger[25:36, 25:37])


def test_no_stroke_draws_nothing() -> None:
    assert not strokes_mask((9, 9), [Strokes(np.zeros((0, 2, 2)), np.zeros(0), 1)], 1.0).any()
