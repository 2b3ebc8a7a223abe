"""Anchors of people's scores: interpolation by hand, and files that contradict themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.judging.anchors import SHIPPED, read_anchors


def write(folder: Path, **change: Any) -> Path:
    one = {"parameter": "quality", "source": "a lab", "harmless": 100, "anchors": [[50, 1.0], [10, 3.0]], **change}
    data = {"format": "bappsmith-anchors-1", "unit": "points", "operators": {"jpeg": [one]}}
    (folder / "anchors.json").write_text(json.dumps(data))
    return folder / "anchors.json"


def test_damage_is_linear_between_anchors_and_stays_beyond(tmp_path: Path):
    anchors = read_anchors(write(tmp_path))
    found = {quality: anchors.damage("jpeg", {"quality": quality}, 64) for quality in (100, 75, 50, 30, 10, 3)}
    damage = {quality: one[0] for quality, one in found.items() if one}
    assert damage == pytest.approx({100: 0.0, 75: 0.5, 50: 1.0, 30: 2.0, 10: 3.0, 3: 3.0})
    assert {quality for quality, one in found.items() if one and one[1]} == {3}  # beyond the last anchor
    assert anchors.damage("shift", {}, 64) is None


def test_anchors_can_hold_for_one_direction_and_be_in_patches(tmp_path: Path):
    anchors = read_anchors(write(tmp_path, harmless=0, anchors=[[4, 1.0]], when={"row_phase": 1}, in_patches=True))
    assert anchors.damage("jpeg", {"quality": 1 / 32, "row_phase": 1}, 64) == (pytest.approx(0.5), False)
    assert anchors.damage("jpeg", {"quality": 1 / 32, "row_phase": 2}, 64) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"anchors": [[50, 3.0], [10, 1.0]]}, "contradict a direction"),
        ({"anchors": [[50, 1.0], [60, 3.0]]}, "contradict a direction"),
        ({"anchors": []}, "anchors"),
        ({"anchors": [[50, -1.0]]}, "anchors"),
        ({"parameter": "qualty"}, "operator 'jpeg' has no parameter 'qualty'"),
        ({"sauce": "x"}, "unknown key 'sauce'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_in_one_line(tmp_path: Path, change: dict[str, Any], words: str):
    with pytest.raises(BappsmithError, match=words) as refusal:
        read_anchors(write(tmp_path, **change))
    assert "\n" not in str(refusal.value)


def test_a_missing_file_and_one_that_is_not_json_are_refused(tmp_path: Path):
    with pytest.raises(BappsmithError, match="nowhere"):
        read_anchors(tmp_path / "nowhere.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(BappsmithError, match="not JSON"):
        read_anchors(tmp_path / "x.json")


def test_shipped_anchors_name_their_source_and_move_with_severity():
    anchors = read_anchors(SHIPPED)
    for name, several in anchors.operators.items():
        assert all("KADID-10k" in one.source for one in several)
        # Their direction is that of the operator's declared ends, from mild to severe.
        for one in several:
            ends = [
                operators()[name].call(severity, draws).params
                for severity in (0.05, 1.0)
                for draws in [_draws_until(name, one.when)]
            ]
            mild, severe = (one.damage(float(params[one.parameter]) * (64 if one.in_patches else 1)) for params in ends)
            assert mild < severe


def _draws_until(name: str, when: dict[str, Any]):
    from bappsmith.distortions.random import Draws

    for index in range(100):
        params = operators()[name].call(0.5, Draws(1, index)).params
        if all(params[key] == value for key, value in when.items()):
            return Draws(1, index)
    raise AssertionError(f"{name} never draws {when}")


@given(st.lists(st.floats(0, 100), min_size=2, max_size=10))
def test_shipped_damage_never_falls_with_the_parameter(values: list[float]):
    anchors = read_anchors(SHIPPED)
    rising = [(anchors.damage("gaussian_blur", {"sigma": value}, 64) or (0.0, False))[0] for value in sorted(values)]
    assert rising == sorted(rising)
