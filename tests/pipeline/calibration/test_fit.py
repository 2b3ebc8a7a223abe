"""Fit positions to distances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.image import Image
from bappsmith.distortions.registry import operator
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.calibration.calibrate import SIDES, calibrate
from bappsmith.pipeline.calibration.fit import GRID, TARGETS, fit_positions
from bappsmith.pipeline.calibration.views import natural_views
from bappsmith.pipeline.calibration.yardstick import Yardstick
from bappsmith.pipeline.sources.index import index_sources


def test_a_curve_that_doubles_steadily_is_turned_round():
    # .01 · 2^(8 t): .02 at 1/8, .04 at 2/8, .18 at log2(18)/8.
    positions = fit_positions([0.01 * 2 ** (8 * at) for at in GRID])
    assert positions == pytest.approx([np.log2(target / 0.01) / 8 for target in TARGETS], abs=1e-4)


def test_targets_out_of_reach_are_the_ends():
    positions = fit_positions([0.1] * 4 + [0.2] * 5)
    assert positions == pytest.approx((0, 0, 0, 0.5 * np.log2(1.8), 1), abs=1e-4)


@given(st.lists(st.floats(0, 2), min_size=len(GRID), max_size=len(GRID)))
def test_positions_rise_whatever_was_measured(distances: list[float]):
    positions = fit_positions(distances)
    assert list(positions) == sorted(positions)
    assert positions[0] >= 0
    assert positions[-1] <= 1


def rmse(references: Sequence[Image], distorted: Sequence[Image]) -> np.ndarray:
    return np.array([np.sqrt(np.mean((a / 255 - b / 255) ** 2)) for a, b in zip(references, distorted, strict=True)])


@pytest.mark.slow
def test_after_calibration_equal_severity_is_equal_distance_at_every_size():
    (result,) = calibrate(["gaussian_white_noise"], "samples", Yardstick("RMSE / 255", rmse), patches=4)
    for side in SIDES:
        assert result.after[side][:2] == pytest.approx(TARGETS[1:3], rel=0.05)
        assert result.after[side][0] < result.before[side][3]
    assert operator("gaussian_white_noise").name == result.name


def test_views_are_cut_from_different_photographs_and_keep_their_surroundings():
    index = index_sources(Sources(path="samples"))
    views = natural_views(index, 4, 64)
    assert [view.image.shape for view in views] == [(128, 128, 3)] * 4
    assert all(np.array_equal(a.image, b.image) for a, b in zip(views, natural_views(index, 4, 64), strict=True))


def test_too_few_photographs_are_named(photos: Path):
    index = index_sources(Sources(path=str(photos)))
    with pytest.raises(BappsmithError, match=r"photographs give a patch of 64 px, 40 are needed; add photographs"):
        natural_views(index, 40, 64)
