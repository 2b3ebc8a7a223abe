"""The fitted table: positions between ends, and tables that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions import Draws, operator, operators
from bappsmith.distortions.plugins import load_plugin, table_beside
from bappsmith.distortions.registry import __file__ as registry_file
from bappsmith.distortions.severity_curve import KNOTS, SeverityCurve, SeverityTable, declaration_of, read_table
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.calibration.fit import TARGETS

CURVE = SeverityCurve(declaration="a", positions={64: (0.1, 0.2, 0.4, 0.8, 1.0), 256: (0.0, 0.0, 0.2, 0.4, 0.6)})
PLUGIN = """
from bappsmith.distortions import Distortion, Severity, register

@register
class Brighter(Distortion):
    '''Lighter by some levels.'''
    source = "ours"
    amount = Severity(0.0, 100.0, unit="levels")

    def apply(self, image, *, amount):
        return image + (255 - image) // max(1, int(110 - amount))
"""


def table_text(curves: dict[str, SeverityCurve]) -> str:
    return SeverityTable(yardstick="a ruler", operators=curves).text()


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(PLUGIN)
    return tmp_path / "own.py"


@pytest.mark.parametrize("knot", range(5))
def test_knots_are_met(knot: int):
    for side, positions in CURVE.positions.items():
        assert CURVE.at(KNOTS[knot], side) == pytest.approx(positions[knot])


def test_between_knots_and_sides_positions_are_interpolated():
    assert CURVE.at(0.625, 64) == pytest.approx(0.6)
    assert CURVE.at(0.5, 128) == pytest.approx(0.3)  # half-way between 64 and 256 on a logarithmic scale
    assert CURVE.at(0.5, 8) == CURVE.at(0.5, 64)
    assert CURVE.at(0.5, 4000) == CURVE.at(0.5, 256)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(8, 2000))
def test_more_severity_is_never_a_milder_position(one: float, other: float, side: int):
    low, high = sorted((one, other))
    assert 0 <= CURVE.at(low, side) <= CURVE.at(high, side) <= 1


def test_a_table_survives_its_file(tmp_path: Path):
    (tmp_path / "table.json").write_text(SeverityTable(yardstick="a ruler", operators={"b": CURVE, "a": CURVE}).text())
    assert read_table(tmp_path / "table.json").operators == {"a": CURVE, "b": CURVE}


def damaged(key: str, value: object) -> str:
    table = json.loads(table_text({"a": CURVE}))
    return json.dumps({**table, key: value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Invalid JSON"),
        (damaged("format", "other"), "format"),
        (damaged("operators", {"a": {"declaration": "a", "positions": {}}}), "at least 1 item"),
        (damaged("operators", {"a": {"declaration": "a", "positions": {"64": [0, 1]}}}), "positions.64"),
        (damaged("operators", {"a": {"declaration": "a", "positions": {"64": [0, 0.5, 0.4, 1, 1]}}}), "must rise"),
        (damaged("operators", {"a": {"declaration": "a", "positions": {"64": [0, 0, 0, 1, 2]}}}), "less than or equal"),
    ],
)
def test_other_files_are_one_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(BappsmithError, match=rf"table\.json is not a table of severities: .*{message}") as refusal:
        read_table(tmp_path / "table.json")
    assert "\n" not in str(refusal.value)


def test_the_table_of_this_repository_fits_its_operators():
    table = read_table(Path(registry_file).parent / "severity.json").operators
    known = operators()
    assert {name: curve.declaration for name, curve in table.items()} == {
        name: declaration_of(known[name].parameters) for name in table
    }


def test_a_table_beside_a_plugin_is_used(plugin: Path):
    load_plugin(plugin, fitted=False)
    assert operator("brighter").sample(0.5, Draws(0)) == {"amount": 50.0}
    declaration = declaration_of(operator("brighter").parameters)
    table = table_text({"brighter": CURVE.model_copy(update={"declaration": declaration})})
    other = plugin.with_name("fitted.py")
    other.write_text(PLUGIN.replace("Brighter", "Fitted"))
    table_beside(other).write_text(table.replace('"brighter"', '"fitted"'))
    assert load_plugin(other) == ["fitted"]
    assert operator("fitted").sample(0.5, Draws(0)) == {"amount": pytest.approx(40.0)}
    assert operator("fitted").sample(0.5, Draws(0), 256) == {"amount": pytest.approx(20.0)}
    assert operator("brighter").sample(0.5, Draws(0), 256) == {"amount": 50.0}


def test_a_table_for_another_version_is_refused(plugin: Path):
    table_beside(plugin).write_text(table_text({"brighter": CURVE}))
    with pytest.raises(BappsmithError, match=r"own\.severity\.json was fitted to other parameters of 'brighter' than"):
        load_plugin(plugin)
    assert "brighter" not in operators()


def test_a_table_that_changed_is_refused(plugin: Path):
    load_plugin(plugin)
    table_beside(plugin).write_text(table_text({}))
    with pytest.raises(BappsmithError, match="was changed after it was loaded"):
        load_plugin(plugin)


ELSEWHERE = {
    "block_loss": "one lost block is seen already",
    "chroma_subsampling": "colour alone is never severe",
    "color_diffusion": "colour alone is never severe",
    "jpeg2000_loss": "packets differ in what they hold",
    "lens_distortion": "more would fold",
}
"""Operators whose damage is another at some severity, and why."""


def test_operators_whose_damage_is_another_are_no_others():
    table = read_table(Path(registry_file).parent / "severity.json").operators
    targets = np.interp((0.25, 0.5, 0.75), KNOTS, TARGETS)
    missed = {
        name
        for name, curve in table.items()
        for side in (64, 128, 256)
        for severity, target in zip((0.25, 0.5, 0.75), targets, strict=True)
        if curve.damage_at(severity, side) != pytest.approx(target, rel=0.15)
    }
    assert missed == set(ELSEWHERE)


@pytest.mark.parametrize("severity", [0.25, 0.5, 0.75])
def test_equal_severity_is_equal_damage_in_the_table_of_this_repository(severity: float):
    table = read_table(Path(registry_file).parent / "severity.json")
    assert table.yardstick.startswith("damage on people's scale")
    damage = [
        curve.damage_at(severity, side)
        for name, curve in table.operators.items()
        for side in (64, 128, 256)
        if name not in ELSEWHERE
    ]
    target = np.interp(severity, KNOTS, TARGETS)
    assert np.std(np.array(damage, np.float64)) < 0.05 * target + 0.02
    assert np.array(damage, np.float64) == pytest.approx(np.full(len(damage), target), rel=0.15)


def test_damage_in_the_table_of_this_repository_never_falls():
    for curve in read_table(Path(registry_file).parent / "severity.json").operators.values():
        for row in curve.damage.values():
            assert list(row) == sorted(row)
            assert row[0] > 0
