"""The contract that every operator inherits."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Distortion, Draws, Image, Nuisance, Severity, View, operator
from bappsmith.distortions.image import check_image
from bappsmith.distortions.parameters import Choice, PerValue
from bappsmith.distortions.patches import natural_views
from bappsmith.manifests.errors import BappsmithError


class Sized(Distortion):
    """An operator that learns in __init__ what it can draw."""

    source = "tests"
    amount = Severity(mild=0.0, severe=2.0, unit="levels")

    def __init__(self, high: float, name: str) -> None:
        self.name = name
        self.parameters = {**type(self).parameters, "angle": Nuisance(0.0, high, "degrees")}

    def apply(self, image: Image, *, amount: float, angle: float) -> Image:
        return image + np.uint8(amount)


@pytest.mark.parametrize("severity", [-0.1, 1.1, float("nan")])
def test_severity_outside_of_its_range_is_refused(severity: float) -> None:
    with pytest.raises(BappsmithError, match="severity must be in"):
        operator("jpeg").call(severity, Draws(0))


def test_name_and_parameters_belong_to_the_instance() -> None:
    narrow, wide = Sized(1.0, "narrow"), Sized(360.0, "wide")
    assert (Sized.name, narrow.name, wide.name) == ("sized", "narrow", "wide")
    assert list(Sized.parameters) == ["amount"]
    drawn = [(one.call(0.5, Draws(3)).name, one.sample(0.5, Draws(3))) for one in (narrow, wide)]
    assert [name for name, _ in drawn] == ["narrow", "wide"]
    assert drawn[1][1]["angle"] == pytest.approx(360 * float(drawn[0][1]["angle"]))


@pytest.mark.parametrize(
    ("image", "came"),
    [
        (np.zeros((4, 4, 3), np.float32), "float32"),
        (np.zeros((4, 4), np.uint8), r"uint8 \(4, 4\)"),
        (np.zeros((4, 4, 4), np.uint8), r"\(4, 4, 4\)"),
        ([[0]], "list"),
    ],
)
def test_anything_but_an_image_is_named(image: object, came: str) -> None:
    with pytest.raises(BappsmithError, match=rf"^it: expected uint8 H×W×3 \(RGB\), found .*{came}"):
        check_image(image, "it")
    check_image(np.zeros((4, 4, 3), np.uint8), "it")


def test_an_operator_called_with_a_view_gets_the_surroundings_it_needs() -> None:
    view = natural_views(1, 64, 40)[0]
    op = operator("gaussian_blur")
    params = op.sample(1.0, Draws(0))
    margin = op.margin(64, params)
    around = view.image[40 - margin : -(40 - margin), 40 - margin : -(40 - margin)]
    assert np.array_equal(op(view, params), op.apply(View(around, margin, (64, 64)), **params))
    assert np.array_equal(op(View(view.centre, 0, (64, 64)), params), op(view.centre, params))
    amount = operator("contrast").sample(1.0, Draws(0))
    assert np.array_equal(operator("contrast")(view, amount), operator("contrast")(view.centre, amount))


def test_a_given_parameter_is_not_drawn_and_decides_what_depends_on_it():
    class Given(Distortion):
        """A parameter whose range depends on another."""

        kind = Choice(("a", "b"), "kind")
        gain = PerValue("kind", {"a": Nuisance(0, 1, "gain"), "b": Nuisance(2, 3, "gain")})

    for key in range(8):
        first = Draws(key).uniform()
        assert Given().call(0.5, Draws(key), given={"kind": "b"}).params == {
            "kind": "b",
            "gain": pytest.approx(2 + first),
        }
