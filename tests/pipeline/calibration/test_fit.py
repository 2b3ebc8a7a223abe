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
from bappsmith.distortions.severity_curve import SeverityCurve, SeverityTable, read_table
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.calibration.calibrate import SIDES, calibrate
from bappsmith.pipeline.calibration.fit import GRID, TARGETS, fit_positions
from bappsmith.pipeline.calibration.views import photograph_views
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


OTHER = SeverityCurve(declaration="x", positions={64: (0.0, 0.1, 0.2, 0.3, 0.4)})


def test_a_table_of_another_yardstick_is_refused_before_any_photograph_is_read(tmp_path: Path):
    table = tmp_path / "severity.json"
    table.write_text(SeverityTable(yardstick="a ruler", operators={"other": OTHER}).text())
    with pytest.raises(BappsmithError, match=r"was fitted by a ruler, not by RMSE / 255; use the same weights"):
        calibrate(table, ["jpeg"], tmp_path / "nowhere", Yardstick("RMSE / 255", rmse))


@pytest.mark.slow
def test_after_calibration_equal_severity_is_equal_distance_at_every_size(tmp_path: Path):
    table, yardstick = tmp_path / "severity.json", Yardstick("RMSE / 255", rmse)
    table.write_text(SeverityTable(yardstick=yardstick.name, operators={"other": OTHER}).text())
    (result,) = calibrate(table, ["gaussian_white_noise"], "samples", yardstick, patches=4)
    assert read_table(table).operators == {"gaussian_white_noise": result.curve, "other": OTHER}
    for side in SIDES:
        assert result.after[side][:2] == pytest.approx(TARGETS[1:3], rel=0.05)
        assert result.after[side][0] < result.before[side][3]
    assert operator("gaussian_white_noise").name == result.name


def test_views_are_cut_from_different_photographs_and_keep_their_surroundings():
    index = index_sources(Sources(path="samples"))
    views = photograph_views(index, 4, 64)
    assert [view.image.shape for view in views] == [(128, 128, 3)] * 4
    assert all(np.array_equal(a.image, b.image) for a, b in zip(views, photograph_views(index, 4, 64), strict=True))


def test_too_few_photographs_are_named(photos: Path):
    index = index_sources(Sources(path=str(photos)))
    with pytest.raises(BappsmithError, match=r"photographs give a patch of 64 px, 40 are needed; add photographs"):
        photograph_views(index, 40, 64)
