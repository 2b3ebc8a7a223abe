"""Operators in a part of the image."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Draws, View, apply_chain, operator, register
from bappsmith.distortions.composite import Masked, Pipeline
from bappsmith.distortions.conformance import check_operator
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.functional.region import KINDS, Region, region_mask
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

PATCHES = natural_patches(12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_masked_operator_keeps_the_contract_of_operators(kind: str) -> None:
    assert check_operator(Masked("local", operator("gaussian_blur"), kinds=(kind,)), PATCHES) == []


def test_outside_is_the_image_and_inside_the_distorted_one() -> None:
    op = Masked("local_jpeg", operator("jpeg"))
    params = op.sample(1.0, Draws(2))
    region = Region(params["kind"], params["area"], params["edge"] * 64, params["place"])
    mask = region_mask((64, 64), (64, 64), region)
    result = op(PATCHES[0], params)
    whole = operator("jpeg")(PATCHES[0], params["calls"][0]["params"])
    assert np.array_equal(result[mask == 0], PATCHES[0][mask == 0])
    assert np.array_equal(result[mask == 1], whole[mask == 1])
    between = np.abs(result - (PATCHES[0] + (whole.astype(float) - PATCHES[0]) * mask[..., None]))
    assert between.max() <= 0.5 + 1e-4


def test_surroundings_are_real() -> None:
    op = register(Masked("local_shift", operator("shift")))
    params = op.sample(1.0, Draws(2))
    around = natural_patches(1, 150)[0]
    view = View(around, 43, (64, 64))
    assert op.margin(64, params) == operator("shift").margin(64, params["calls"][0]["params"]) > 0
    result = apply_chain(view, Chain((OperatorCall("local_shift", 1.0, params),)))
    whole = apply_chain(view, Chain((OperatorCall.from_json(params["calls"][0]),)))
    mask = region_mask((64, 64), (64, 64), Region(params["kind"], params["area"], params["edge"] * 64, params["place"]))
    assert np.array_equal(result[mask == 1], whole[mask == 1])
    assert (mask == 1).any()


def test_a_pipeline_can_be_masked() -> None:
    op = Masked("local_both", Pipeline("both", [operator("gaussian_blur"), operator("jpeg")]), area=(0.3, 0.4))
    assert broken_clauses(op, PATCHES) == []
    assert all(0.3 <= op.sample(0.5, Draws(key))["area"] <= 0.4 for key in range(9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ("disk",)}, r"masked operator 'x': unknown kind of region 'disk'.*disc"),
        ({"area": (0.0, 0.5)}, r"masked operator 'x': area must be two shares in \(0, 1\).*found \(0\.0, 0\.5\)"),
        ({"area": (0.5, 0.2)}, r"masked operator 'x': area must be two shares in \(0, 1\), the smaller first"),
    ],
)
def test_wrong_regions_are_named(options, message: str) -> None:
    with pytest.raises(BappsmithError, match=message):
        Masked("x", operator("jpeg"), **options)
