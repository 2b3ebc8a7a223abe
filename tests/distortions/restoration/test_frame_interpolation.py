"""Frame interpolations against known motions."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Draws, operator
from bappsmith.distortions.functional.interpolate_frames import average, between, dis, farneback
from bappsmith.distortions.functional.motion import Motion, frames_of, reach
from bappsmith.distortions.image import Image
from bappsmith.distortions.patches import natural_views
from bappsmith.distortions.view import View, trimmed, with_margin
from bappsmith.pipeline.planning.degradation import partners

NAMES = ("average_frames", "nearest_frame", "dis_flow", "farneback_flow")
VIEW = natural_views(1, 64, 64)[0]


def error(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(np.float64) - b).mean())


def moved(view: View, dx: int) -> Image:
    return view.image[40:-40, 40 - dx : view.image.shape[1] - 40 - dx]


@pytest.mark.parametrize("name", NAMES)
def test_without_motion_the_frame_comes_back(name: str):
    op = operator(name)
    params = {**op.sample(0.5, Draws(0)), "distance": 0.0}
    assert np.array_equal(op(VIEW, params), VIEW.centre)


@pytest.mark.parametrize("flow", [dis, farneback])
def test_a_translation_is_found(flow: object):
    """Frames moved by whole pixels, made by slicing: only the method can be wrong."""
    before, middle, after = (trimmed(moved(VIEW, dx), 8) for dx in (-1, 0, 1))
    found = between(before, after, flow)
    assert error(found[8:-8, 8:-8], middle[8:-8, 8:-8]) < 0.35 * error(
        average(before, after)[8:-8, 8:-8], middle[8:-8, 8:-8]
    )
    assert abs(float(np.median(flow(before[..., 1], after[..., 1])[..., 0])) - 2) < 0.1


def test_frames_lie_half_a_motion_to_either_side():
    motion = Motion(4.0, 0.0, 7)
    before, after = frames_of(VIEW, motion)
    dx, dy = motion.field(VIEW)
    row, column = 96, 90
    x, y = dx[row, column] / 2, dy[row, column] / 2
    bilinear = VIEW.image.astype(np.float64)

    def at(r: float, c: float) -> np.ndarray:
        i, j = int(r), int(c)
        v, u = r - i, c - j
        top = bilinear[i, j] * (1 - u) + bilinear[i, j + 1] * u
        return top * (1 - v) + (bilinear[i + 1, j] * (1 - u) + bilinear[i + 1, j + 1] * u) * v

    assert np.abs(at(row + y, column + x) - before[row, column]).max() < 4
    assert np.abs(at(row - y, column - x) - after[row, column]).max() < 4


def test_the_field_is_smooth_bounded_and_independent_of_the_view():
    motion = Motion(5.0, 130.0, 11)
    large, small = motion.field(VIEW), motion.field(with_margin(VIEW, 20))
    for one, other in zip(large, small, strict=True):
        assert np.allclose(one[44:-44, 44:-44], other, atol=1e-9)
        assert np.abs(other).max() <= reach(5.0, 20, 64)
        assert np.abs(np.diff(other, axis=0)).max() < 1
    sizes = [np.hypot(*Motion(3.0, 20.0 * k, k).field(with_margin(VIEW, 0))).mean() for k in range(18)]
    assert 2.5 < np.mean(sizes) < 4


def test_flow_beats_the_mean_on_a_smooth_motion():
    params = {"distance": 3.0, "angle": 30.0, "bend": 4}
    mean = error(operator("average_frames")(VIEW, params), VIEW.centre)
    for name in ("dis_flow", "farneback_flow"):
        assert error(operator(name)(VIEW, params), VIEW.centre) < 0.7 * mean


def test_the_nearest_frame_is_before_or_after():
    op, params = operator("nearest_frame"), {"distance": 3.0, "angle": 30.0, "bend": 4}
    before, after = frames_of(VIEW, Motion(3.0, 30.0, 4))
    assert np.array_equal(op(VIEW, {**params, "later": False}), trimmed(before, 64))
    assert np.array_equal(op(VIEW, {**params, "later": True}), trimmed(after, 64))


def test_all_can_be_given_the_same_frames():
    assert {name: set(others) for name, others in partners(NAMES).items()} == {
        name: set(NAMES) - {name} for name in NAMES
    }
