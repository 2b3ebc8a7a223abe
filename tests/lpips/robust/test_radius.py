"""Radii: the bisector is where it is said to be, and nothing closer turns a judgment."""

from __future__ import annotations

import numpy as np

from bappsmith.lpips.robust.radius import certified_radii


def _distances(ref: np.ndarray, p0: np.ndarray, p1: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        ((ref - p0) ** 2).sum(axis=1),
        ((ref - p1) ** 2).sum(axis=1),
        ((p0 - p1) ** 2).sum(axis=1),
    )


def _points(count: int = 200, size: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=(count, size)) for _ in range(3))  # type: ignore[return-value]


def test_the_reference_meets_a_tie_at_its_radius_and_keeps_the_judgment_before() -> None:
    ref, p0, p1 = _points()
    d0, d1, between = _distances(ref, p0, p1)
    radius = certified_radii(d0, d1, between, 1.0).ref
    toward = np.where((d0 < d1)[:, None], p1 - p0, p0 - p1)
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    for share, ties in ((1.0, True), (0.999, False)):
        e0, e1, _ = _distances(ref + share * radius[:, None] * toward, p0, p1)
        assert np.allclose(e0, e1, atol=1e-9) == ties
        if not ties:
            assert ((e0 < e1) == (d0 < d1)).all()


def test_a_patch_meets_a_tie_at_its_radius() -> None:
    ref, p0, p1 = _points()
    d0, d1, between = _distances(ref, p0, p1)
    radius = certified_radii(d0, d1, between, 1.0).patch
    along = (p0 - ref) / np.sqrt(d0)[:, None] * np.where(d0 < d1, 1, -1)[:, None]
    e0, e1, _ = _distances(ref, p0 + radius[:, None] * along, p1)
    assert np.allclose(e0, e1)


def test_no_random_change_of_all_three_within_the_radius_turns_a_judgment() -> None:
    rng = np.random.default_rng(1)
    points = _points()
    d0, d1, between = _distances(*points)
    radius = certified_radii(d0, d1, between, 1.0).all
    for _ in range(200):
        changes = [rng.normal(size=one.shape) for one in points]
        moved = [
            one + radius[:, None] * change / np.linalg.norm(change, axis=1, keepdims=True)
            for one, change in zip(points, changes, strict=True)
        ]
        e0, e1, _ = _distances(*moved)
        assert ((e0 < e1) == (d0 < d1)).all()


def test_radii_shrink_with_the_constant_and_ties_have_none() -> None:
    one, two = np.array([1.0]), np.array([4.0])
    assert certified_radii(one, two, np.array([2.25]), 1.0).ref == 1.0
    assert certified_radii(one, two, np.array([2.25]), 2.0).ref == 0.5
    tie = certified_radii(one, one, np.array([0.0]), 1.0)
    assert tie.ref == tie.patch == tie.all == 0
