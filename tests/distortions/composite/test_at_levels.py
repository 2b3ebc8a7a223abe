"""Operators at the levels of a publication."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Choice, Draws, Levels, View, apply_chain, operator, register
from bappsmith.distortions.composite import AtLevels
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

PATCHES = natural_patches(12)
SIGMAS = (0.5, 1.0, 2.0, 3.0)


def blur() -> AtLevels:
    return AtLevels("blur_of_a_table", operator("gaussian_blur"), "Table 1", sigma=Levels(SIGMAS, "px"))


def test_it_keeps_the_contract_of_operators() -> None:
    assert check_operator(blur(), PATCHES) == []


@pytest.mark.parametrize(
    ("severity", "sigma"), [(0.01, 0.5), (0.25, 0.5), (0.26, 1.0), (0.5, 1.0), (0.75, 2.0), (1.0, 3.0)]
)
def test_severity_runs_through_the_levels(severity: float, sigma: float) -> None:
    params = blur().sample(severity, Draws(1))
    assert params == {"sigma": sigma}
    assert np.array_equal(blur()(PATCHES[0], params), operator("gaussian_blur")(PATCHES[0], params))


def test_other_parameters_stay_as_they_are_and_fixed_ones_are_fixed() -> None:
    op = AtLevels(
        "jpeg_of_a_table",
        operator("jpeg"),
        "Table 1",
        quality=Levels((43, 7), "of 100"),
        sampling=Choice(("4:2:0",), ""),
    )
    drawn = [op.sample(1.0, Draws(key)) for key in range(40)]
    assert {one["sampling"] for one in drawn} == {"4:2:0"}
    assert {one["quality"] for one in drawn} == {7}
    assert len({one["row_phase"] for one in drawn}) > 8
    assert set(operator("jpeg").parameters) == set(op.parameters)


def test_surroundings_are_real() -> None:
    register(blur())
    around = natural_patches(1, 128)[0]
    view = View(around, 32, (64, 64))
    plain, at_levels = (
        apply_chain(view, Chain((OperatorCall(name, 1.0, {"sigma": 3.0}),)))
        for name in ("gaussian_blur", "blur_of_a_table")
    )
    assert np.array_equal(plain, at_levels)
    assert not np.array_equal(at_levels, blur()(view.centre, {"sigma": 3.0}))


def test_it_is_not_calibrated_and_needs_what_the_operator_needs() -> None:
    op = AtLevels("x", operator("affine_warp"), "Table 1")
    assert not op.calibrated
    assert op.curve is None
    assert op.portable == operator("affine_warp").portable
    assert op.libraries == operator("affine_warp").libraries


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(
        BappsmithError, match=r"operator 'x': gaussian_blur has no parameter 'radius'; choose from sigma"
    ):
        AtLevels("x", operator("gaussian_blur"), "Table 1", radius=Levels((1, 2), "px"))
