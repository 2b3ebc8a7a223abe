"""The contract that every operator inherits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bappsmith.distortions import (
    Distortion,
    Draws,
    Image,
    Nuisance,
    Severity,
    View,
    apply_chain,
    operator,
    register,
)
from bappsmith.distortions.image import check_image
from bappsmith.distortions.parameters import Choice, PerValue
from bappsmith.distortions.patches import natural_views
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall, Params


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


class Halved(Distortion):
    """Half of the light."""

    source = "tests"
    light = "linear"
    amount = Severity(mild=0.9, severe=0.5, unit="share of the light")

    def apply(self, image: NDArray[np.float32], *, amount: float) -> NDArray[np.float32]:
        return image * np.float32(amount)


class Averaged(Distortion):
    """The mean of each pixel and its right neighbour."""

    source = "tests"
    light = "linear"
    share = Severity(mild=0.1, severe=1.0, unit="share of the neighbour")

    def margin(self, side: int, params: Params) -> int:
        return 1

    def apply(self, view: View, *, share: float) -> NDArray[np.float32]:
        light = view.image
        assert light.dtype == np.float32
        return np.asarray((light[1:-1, 1:-1] + light[1:-1, 2:] * share) / (1 + share), np.float32)


def test_half_of_the_light_of_white_is_level_188() -> None:
    white = np.full((4, 5, 3), 255, np.uint8)
    assert (Halved()(white, {"amount": 0.5}) == 188).all()
    assert (white == 255).all()


def test_an_operator_in_linear_light_gets_its_surroundings_too() -> None:
    register(Averaged())
    image = np.zeros((3, 4, 3), np.uint8)
    image[:, 3] = 255  # of the surroundings on the right
    view = View(image, 1, (1, 2))
    assert apply_chain(view, Chain((OperatorCall("averaged", 1.0, {"share": 1.0}),)))[0, :, 0].tolist() == [0, 188]
    # Mirrored: the right neighbour of the last pixel is the last but one.
    assert Averaged()(image, {"share": 1.0})[0, :, 0].tolist() == [0, 0, 188, 188]


@pytest.mark.parametrize(
    ("result", "came"),
    [
        (np.zeros((4, 4, 3), np.uint8), r"found uint8 \(4, 4, 3\)"),
        (np.zeros((4, 4), np.float32), r"found float32 \(4, 4\)$"),
        (np.full((4, 4, 3), np.nan, np.float32), r"found float32 \(4, 4, 3\), some values not finite"),
        (None, "found NoneType"),
    ],
)
def test_an_operator_in_linear_light_returns_light(monkeypatch: pytest.MonkeyPatch, result: object, came: str) -> None:
    monkeypatch.setattr(Halved, "apply", lambda *_, **__: result)
    with pytest.raises(BappsmithError, match=rf"'halved' works in linear light.*finite float32 H×W×3, {came}"):
        Halved()(np.zeros((4, 4, 3), np.uint8), {"amount": 0.5})


def test_another_light_is_named() -> None:
    with pytest.raises(BappsmithError, match=r"operator 'dim': light must be 'sRGB' or 'linear', found 'srgb'"):
        type("Dim", (Distortion,), {"light": "srgb"})


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
