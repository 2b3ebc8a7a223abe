"""What a card says of an operator is what the operator declares and what its row says."""

from __future__ import annotations

import json

import pytest

from bappsmith.distortions import Distortion, Draws, Levels, Severity, View, operator, operators
from bappsmith.distortions.catalogue.card import card
from bappsmith.distortions.catalogue.cells import HEADINGS, severity_cells
from bappsmith.distortions.severity_curve import KNOTS


class Stepped(Distortion):
    """Does nothing.

    For this test.
    """

    source = "test"
    steps = Levels((1, 2, 3, 4), unit="steps")
    amount = Severity(mild=1, severe=16, unit="levels", scale="log")
    photons = Severity(mild=2560.0, severe=10.0, unit="photons", scale="log")

    def margin(self, side: int, params: dict) -> int:
        return params["steps"]

    def apply(self, view: View, *, steps: int, amount: float, photons: float):
        return view.centre.copy()


@pytest.mark.parametrize("name", list(operators()))
def test_every_card_is_whole_and_survives_json(name: str) -> None:
    op = operator(name)
    known = card(op)
    assert known.summary.endswith(".")
    assert not any(heading in " ".join(known.details) for heading in ("Attributes:", "Args:"))
    assert set(known.parameters) == set(op.parameters)
    assert json.loads(json.dumps(known.to_json()))["name"] == name
    assert all(len(row) == len(HEADINGS) for row in severity_cells(known))


def test_values_are_those_that_are_drawn() -> None:
    op = operator("gaussian_blur")
    for side, values in card(op).values.items():
        drawn = [op.sample(knot, Draws(0), side)["sigma"] for knot in KNOTS[1:]]
        assert list(values["sigma, px"][1:]) == pytest.approx(drawn)


def test_an_operator_without_a_row_runs_from_end_to_end() -> None:
    known = card(Stepped())
    assert (known.severity, known.damage, known.margin) == ("declared", {}, 4)
    assert (known.summary, known.details) == ("Does nothing.", ("For this test.",))
    assert severity_cells(known) == [
        ["any", "steps, steps", "1", "1", "2", "3", "4"],
        ["any", "amount, levels", "1", "2", "4", "8", "16"],
        ["any", "photons, photons", "2560", "640", "160", "40", "10"],
    ]


def test_published_ends_are_not_comparable_and_sets_are_found() -> None:
    known = card(operator("context_blur"))
    assert (known.severity, known.sets, known.saturates) == ("incomparable", ("contexts",), True)
    assert card(operator("jpeg")).severity == "fitted"


def test_sizes_with_equal_values_share_a_row() -> None:
    rows = severity_cells(card(operator("desaturate")))
    assert {row[0] for row in rows} == {"64, 128, 256"}
    cases = [row[1] for row in severity_cells(card(operator("gaussian_colored_noise")))]
    assert "sigma (beta -2.0), levels of 255" in cases


def test_an_operator_at_published_levels_says_what_the_other_does() -> None:
    assert card(operator("kadid10k_jpeg")).summary == card(operator("jpeg")).summary
    assert card(operator("kadid10k_jpeg")).source != card(operator("jpeg")).source
