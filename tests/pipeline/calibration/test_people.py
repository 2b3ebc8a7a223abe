"""What was fitted to people's scores: rising, 0 for equal images, and files that are damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.calibration.measures import MEASURES
from bappsmith.pipeline.calibration.people import FITTED, DamageFit, Term, read_people

FITS = [read_people().general, read_people().displaced]
SMALL = DamageFit(
    terms=(Term(measure="gmsd", scale=0.5, weight=2.0),),
    knots={64: ((0, 0), (1, 1), (2, 4)), 256: ((0, 0), (1, 2), (2, 4))},
)


def test_the_file_of_this_repository_says_from_whom_and_is_sound():
    people = read_people()
    assert "KADID-10k" in people.source
    for fit in FITS:
        assert all(term.measure in MEASURES and term.weight > 0 for term in fit.terms)
        for row in fit.knots.values():
            x, y = np.array(row).T
            assert row[0] == (0, 0)
            assert (np.diff(x) > 0).all()
            assert (np.diff(y) > 0).all()
    assert read_people(FITTED).text() == FITTED.read_text(encoding="utf-8")


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("side", [32, 64, 100, 128, 192, 500])
def test_equal_images_have_no_damage(fit: DamageFit, side: int):
    zeros = dict.fromkeys(MEASURES, np.zeros(2))
    assert fit.damage(fit.index(zeros), side).tolist() == [0, 0]


@given(
    st.sampled_from(FITS),
    st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), min_size=len(MEASURES), max_size=len(MEASURES)),
    st.integers(16, 600),
)
def test_more_of_any_measure_is_never_less_damage(fit: DamageFit, pairs: list[tuple[float, float]], side: int):
    measures = {name: np.sort(pair) for name, pair in zip(MEASURES, pairs, strict=True)}
    milder, stronger = fit.damage(fit.index(measures), side)
    assert 0 <= milder <= stronger + 1e-12


def test_damage_is_linear_between_knots_and_over_the_logarithm_of_the_side():
    index = SMALL.index({"gmsd": np.array([0.5 * (np.exp(0.25) - 1)])})
    assert index == pytest.approx([0.5])
    assert SMALL.damage(index, 64) == pytest.approx([0.5])
    assert SMALL.damage(index, 128) == pytest.approx([0.75])
    assert SMALL.damage(index, 8) == pytest.approx([0.5])
    assert SMALL.damage(np.array([1.5, 9.0]), 999) == pytest.approx([3.0, 4.0])


def changed(fit: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**fit, **changes}


GENERAL = json.loads(FITTED.read_text(encoding="utf-8"))["general"]
TERM = GENERAL["terms"][0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"general": changed(GENERAL, terms=[])}, "terms"),
        ({"general": changed(GENERAL, terms=[{**TERM, "weight": -1}])}, "must be at least 0, found -1"),
        ({"general": changed(GENERAL, terms=[{**TERM, "scale": 0}])}, "must be above 0, found 0"),
        (
            {"general": changed(GENERAL, terms=[{**TERM, "measure": "taste"}])},
            "measure must be one of local, .* 'taste'",
        ),
        ({"general": changed(GENERAL, knots={"64": [[0, 0], [1, 1], [2, 0.5]]})}, "knots at side 64 must rise"),
        ({"general": changed(GENERAL, knots={"64": [[0, 0.5], [1, 1]]})}, r"must rise from \(0, 0\)"),
        ({"general": changed(GENERAL, knots={"64": [[0, 0]]})}, "must rise"),
        ({"source": ""}, "source"),
        ({"format": "other"}, "format"),
        ({"more": 1}, "more"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, changes: dict[str, Any], message: str):
    path = tmp_path / "people.json"
    path.write_text(json.dumps({**json.loads(FITTED.read_text(encoding="utf-8")), **changes}))
    with pytest.raises(BappsmithError, match=rf"people\.json is not a fit to people's scores: .*{message}") as refusal:
        read_people(path)
    assert "\n" not in str(refusal.value)


def test_what_is_no_json_is_one_line(tmp_path: Path):
    (tmp_path / "people.json").write_text("{")
    with pytest.raises(BappsmithError, match="it is not JSON; install bappsmith again"):
        read_people(tmp_path / "people.json")
