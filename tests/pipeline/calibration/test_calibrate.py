"""Fit a table, with a yardstick that is quick."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions.image import Image
from bappsmith.distortions.plugins import load_plugin
from bappsmith.distortions.registry import operator
from bappsmith.distortions.severity_curve import SeverityCurve, SeverityTable, declaration_of, read_table
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.calibration.calibrate import SIDES, calibrate
from bappsmith.pipeline.calibration.fit import TARGETS
from bappsmith.pipeline.calibration.yardstick import Yardstick

OTHER = SeverityCurve(declaration="x", positions={64: (0.0, 0.1, 0.2, 0.3, 0.4)})
PLUGIN = """
import numpy as np
from bappsmith.distortions import Distortion, Severity, SubSeed, register
from bappsmith.distortions.random import normal_field

@register
class OwnNoise(Distortion):
    '''Noise of one's own.'''
    source = "ours"
    sigma = Severity(0.5, 80.0, unit="levels", scale="log")
    noise_seed = SubSeed()

    def apply(self, image, *, sigma, noise_seed):
        noise = np.asarray(normal_field(noise_seed, image.shape), np.float64)
        return np.clip(np.rint(image + sigma * noise), 0, 255).astype(np.uint8)
"""


def rmse(references: Sequence[Image], distorted: Sequence[Image]) -> np.ndarray:
    return np.array([np.sqrt(np.mean((a / 8.0 - b / 8.0) ** 2)) for a, b in zip(references, distorted, strict=True)])


RULER = Yardstick("RMSE / 8", rmse, rmse)


def test_a_table_of_another_yardstick_is_refused_before_any_photograph_is_read(tmp_path: Path):
    table = tmp_path / "severity.json"
    table.write_text(SeverityTable(yardstick="a ruler", operators={"other": OTHER}).text())
    with pytest.raises(BappsmithError, match=r"was fitted by a ruler, not by RMSE / 8; give another file"):
        calibrate(table, ["jpeg"], tmp_path / "nowhere", RULER)


def test_an_operator_that_this_machine_cannot_apply_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(operator("avif")), "unavailable", lambda _: "needs Pillow with AVIF")
    with pytest.raises(
        BappsmithError, match="calibrate: operator 'avif' needs Pillow with AVIF, or name the operators"
    ):
        calibrate(tmp_path / "severity.json", ["avif"], tmp_path / "nowhere", RULER)


@pytest.mark.slow
def test_after_calibration_equal_severity_is_equal_damage_at_every_size(tmp_path: Path):
    (tmp_path / "own.py").write_text(PLUGIN)
    load_plugin(tmp_path / "own.py", fitted=False)
    table = tmp_path / "severity.json"
    table.write_text(SeverityTable(yardstick=RULER.name, operators={"other": OTHER}).text())
    (result,) = calibrate(table, ["own_noise"], "samples", RULER, patches=4)
    assert read_table(table).operators == {"own_noise": result.curve, "other": OTHER}
    assert result.curve.declaration == declaration_of(operator("own_noise").parameters)
    for side in SIDES:
        assert result.curve.damage[side] == pytest.approx(TARGETS, rel=0.2)
        assert result.curve.damage_at(0.5, side) == result.curve.damage[side][2]
        assert result.before[side][3] > TARGETS[3]


@pytest.mark.slow
def test_where_people_judged_an_operator_the_yardstick_does_not_matter(tmp_path: Path):
    noise = "gaussian_white_noise"
    curves = [
        calibrate(tmp_path / f"{factor}.json", [noise], "samples", Yardstick("r", scaled, scaled), patches=4)[0].curve
        for factor in (1.0, 3.0)
        for scaled in [lambda a, b, factor=factor: factor * rmse(a, b)]
    ]
    for side in SIDES:
        assert curves[0].positions[side][:4] == pytest.approx(curves[1].positions[side][:4], abs=1e-4)
