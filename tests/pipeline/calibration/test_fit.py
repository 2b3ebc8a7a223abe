"""Fit positions to damage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions import Distortion, Image, Severity, register
from bappsmith.distortions.patches import natural_patches
from bappsmith.distortions.view import bare
from bappsmith.pipeline.calibration.fit import GRID, TARGETS, Measured, fit, fit_positions
from bappsmith.pipeline.calibration.yardstick import Yardstick
from bappsmith.pipeline.judging.anchors import AnchoredOperator, Anchors

VIEWS = [bare(patch) for patch in natural_patches(4)]
NO_ANCHORS = Anchors(unit="points", operators={})


def levels(references: Sequence[Image], distorted: Sequence[Image]) -> np.ndarray:
    return np.array([np.abs(a.astype(float) - b).mean() for a, b in zip(references, distorted, strict=True)])


def nothing(references: Sequence[Image], distorted: Sequence[Image]) -> np.ndarray:
    return np.zeros(len(references))


RULER = Yardstick("mean difference, levels", levels, nothing)


@pytest.fixture
def lighter() -> Distortion:
    @register
    class Lighter(Distortion):
        """Lighter by some levels, on patches that are dark enough for it."""

        source = "tests"
        amount = Severity(mild=8, severe=40, unit="levels", whole=True)

        def apply(self, image: Image, *, amount: int) -> Image:
            return image ^ np.uint8(amount)  # a difference that does not depend on clipping much

    return Lighter()


def test_a_steady_curve_is_turned_round():
    positions = fit_positions(GRID, [0.1 + 3.9 * at for at in GRID])
    assert positions == pytest.approx([(target - 0.1) / 3.9 for target in TARGETS], abs=1e-4)


def test_targets_out_of_reach_are_the_ends():
    positions = fit_positions(GRID, [0.6] * 4 + [2.0] * 5)
    assert positions == pytest.approx((0, 0, (3 + 0.4 / 1.4) / 8, (3 + 1.2 / 1.4) / 8, 1), abs=1e-4)


@given(st.lists(st.floats(0, 5), min_size=len(GRID), max_size=len(GRID)))
def test_positions_rise_whatever_was_measured(damage: list[float]):
    positions = fit_positions(GRID, damage)
    assert list(positions) == sorted(positions)
    assert positions[0] >= 0
    assert positions[-1] <= 1


def test_targets_rise():
    assert list(TARGETS) == sorted(set(TARGETS))
    assert TARGETS[0] > 0


def test_without_anchors_it_is_the_median_of_the_yardstick(lighter: Distortion):
    measured = Measured(lighter, VIEWS, RULER, NO_ANCHORS)
    expected = float(np.median(levels([v.image for v in VIEWS], [v.image ^ np.uint8(24) for v in VIEWS])))
    assert measured.grid[4] == pytest.approx(expected)
    assert measured.at((0.5,) * 5) == pytest.approx((expected,) * 5, abs=1e-3)


def test_people_come_before_the_yardstick_and_the_curve_has_no_jump(lighter: Distortion):
    judged = AnchoredOperator(parameter="amount", source="tests", harmless=0, anchors=((24, 6.0),))
    plain = Measured(lighter, VIEWS, RULER, NO_ANCHORS)
    measured = Measured(lighter, VIEWS, RULER, Anchors(unit="points", operators={lighter.name: (judged,)}))
    assert measured.grid[:5] == pytest.approx([6.0 * (8 + 4 * k) / 24 for k in range(5)])
    factor = 6.0 / plain.grid[4]
    assert measured.grid[5:] == pytest.approx([factor * damage for damage in plain.grid[5:]])


def test_operators_that_move_the_picture_have_their_own_measure(lighter: Distortion):
    @register
    class Moving(type(lighter)):
        tags = frozenset({"displacement"})

    assert set(Measured(Moving(), VIEWS, RULER, NO_ANCHORS).grid) == {0.0}


def test_damage_never_falls(lighter: Distortion):
    damage = Measured(lighter, VIEWS, RULER, NO_ANCHORS).at((0.0, 0.2, 0.4, 0.8, 1.0))
    assert list(damage) == sorted(damage)


class Bent:
    """A curve that bends between two positions of the grid."""

    grid = tuple(float(np.interp(at, (0, 0.25, 0.3, 1), (0, 0.1, 0.9, 3))) for at in GRID)

    def at(self, positions: Sequence[float]) -> tuple[float, ...]:
        return tuple(np.interp(positions, (0, 0.25, 0.3, 1), (0, 0.1, 0.9, 3)).tolist())


def test_a_curve_that_bends_is_fitted_once_more():
    bent = cast("Measured", Bent())
    once = bent.at(fit_positions(GRID, bent.grid))
    positions, damage = fit(bent)
    assert damage == bent.at(positions)
    errors = [np.abs(np.array(values)[:4] / TARGETS[:4] - 1).max() for values in (once, damage)]
    assert errors[1] < errors[0] / 2
