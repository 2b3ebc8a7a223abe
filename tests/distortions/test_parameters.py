"""Parameters: ends, levels, weights, and ends that depend on another parameter."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions import (
    Choice,
    Distortion,
    Draws,
    Flag,
    Image,
    Levels,
    Nuisance,
    Parameter,
    PerValue,
    Severity,
    SubSeed,
)
from bappsmith.distortions.parameters import depends_on_severity
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

BY_KIND = PerValue("kind", {"soft": Severity(1, 2, "px"), "hard": Choice((10, 20), "px")})
EVERY_KIND: list[tuple[Parameter, Params]] = [
    (Severity(1, 5, "px"), {}),
    (Severity(90, 5, "of 100", scale="log", whole=True), {}),
    (Levels((3, 9, 27), "px"), {}),
    (Nuisance(-1, 1, "px"), {}),
    (Nuisance(0, 7, "px", whole=True), {}),
    (Choice(("a", [1, 2], None), "thing"), {}),
    (Choice((1, 2), "thing", weights=(3, 1)), {}),
    (Flag("is mirrored", 0.2), {}),
    (SubSeed(), {}),
    (BY_KIND, {"kind": "soft"}),
    (BY_KIND, {"kind": "hard"}),
]


@pytest.mark.parametrize(("parameter", "drawn"), EVERY_KIND)
@given(severity=st.floats(1e-9, 1), key=st.integers(0, 2**64 - 1))
def test_what_is_drawn_is_allowed_json_and_repeatable(parameter: Parameter, drawn: Params, severity: float, key: int):
    value = parameter.draw(severity, Draws(key), drawn)
    assert parameter.allows(value, drawn)
    assert json.loads(json.dumps(value)) == value
    assert parameter.draw(severity, Draws(key), drawn) == value
    assert parameter.describe()


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Severity(1, 5, "px"), 5.1),
        (Severity(1, 5, "px"), True),
        (Levels((3, 9), "px"), 4),
        (Nuisance(0, 7, "px", whole=True), 3.5),
        (Nuisance(0, 7, "px"), "3"),
        (Choice((1, 2), "thing"), 3),
        (Flag("is mirrored"), 1),
        (SubSeed(), 2**53),
    ],
)
def test_other_values_are_not_allowed(parameter: Parameter, value: Value):
    assert not parameter.allows(value, {})


def test_whole_numbers_include_both_ends():
    drawn = {Nuisance(2, 4, "px", whole=True).draw(0.5, Draws(key), {}) for key in range(100)}
    assert drawn == {2, 3, 4}
    assert [Severity(1, 4, "px", whole=True).at(s) for s in (0.01, 0.5, 1.0)] == [1, 2, 4]


@pytest.mark.parametrize(("severity", "level"), [(1e-9, 1), (0.2, 1), (0.2001, 2), (0.6, 3), (0.8001, 5), (1.0, 5)])
def test_five_levels_divide_severity_into_fifths(severity: float, level: int):
    assert Levels((1, 2, 3, 4, 5), "level").at(severity) == level


def test_weights_are_probabilities():
    choice = Choice(("often", "seldom", "never"), "thing", weights=(3, 1, 0))
    drawn = [choice.draw(0.5, Draws(key), {}) for key in range(4000)]
    # Five standard deviations of a binomial with p = 1/4 and n = 4000.
    assert abs(drawn.count("seldom") - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5
    assert "never" not in drawn
    flags = [Flag("is mirrored", 0.25).draw(0.5, Draws(key), {}) for key in range(4000)]
    assert abs(sum(flags) - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5


def test_ends_can_depend_on_a_parameter_that_is_drawn_before():
    class Ringing(Distortion):
        """Some ringing."""

        kind = Choice(("soft", "hard"), "edge")
        width = BY_KIND

        def apply(self, image: Image, *, kind: str, width: float) -> Image:
            return image

    drawn = [Ringing().sample(0.5, Draws(key)) for key in range(40)]
    assert {params["kind"] for params in drawn} == {"soft", "hard"}
    assert all(params["width"] == 1.5 if params["kind"] == "soft" else params["width"] in (10, 20) for params in drawn)


def test_which_parameters_move_with_severity():
    moving = [parameter for parameter, _ in EVERY_KIND if depends_on_severity(parameter)]
    assert [type(parameter) for parameter in moving] == [Severity, Severity, Levels, PerValue, PerValue]


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Severity(3, 3, "px"), "Severity: mild and severe are both 3"),
        (lambda: Severity(0, 3, "px", scale="log"), "Severity: a log scale needs ends of one sign, found 0 and 3"),
        (lambda: Nuisance(4, 1, "px"), "Nuisance: low must be less than high, found 4 and 1; swap them"),
        (lambda: Levels((), "px"), "Levels: found no value"),
        (lambda: Choice((), "px"), "Choice: found no option"),
        (lambda: Choice((1, 2), "px", weights=(1,)), "Choice: needs one weight of at least 0 for each of 2 options"),
        (lambda: Choice((1, 2), "px", weights=(1, -1)), "Choice: needs one weight of at least 0"),
    ],
)
def test_declarations_that_make_no_sense_are_one_line(declare: Callable[[], object], message: str):
    with pytest.raises(BappsmithError, match=message) as refusal:
        declare()
    assert "\n" not in str(refusal.value)
