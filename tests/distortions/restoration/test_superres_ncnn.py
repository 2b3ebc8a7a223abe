"""Super-resolution by models of ncnn."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bappsmith.distortions import Draws, load_plugin, operator
from bappsmith.distortions.base import Distortion
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.view import View
from bappsmith.pipeline.planning.degradation import partners

VIEWS = natural_views(3, 64, 88)


@pytest.fixture
def op(tmp_path: Path, ncnn_files: ModuleType) -> Distortion:
    ncnn_files.write_nearest(tmp_path, "nearest-x2", 2)
    ncnn_files.write_nearest(tmp_path, "nearest-x4", 4)
    ncnn_files.write_shuffle(tmp_path, "shuffle-x4", 4)
    load_plugin(tmp_path)
    return operator("superres_ncnn")


def params(op: Distortion, factor: int, model: str) -> dict[str, object]:
    return {**op.call(0.5, Draws(3)).params, "factor": factor, "model": model}


@pytest.mark.parametrize("factor", [2, 4])
def test_repeated_pixels_are_those_of_the_operator_that_repeats_them(factor: int, op: Distortion):
    drawn = params(op, factor, f"nearest-x{factor}")
    others = {key: value for key, value in drawn.items() if key != "model"}
    for view in VIEWS:
        assert np.array_equal(op(view, drawn), operator("superres_nearest")(view, others))


def test_a_larger_scale_is_averaged_down(op: Distortion):
    drawn = params(op, 3, "nearest-x4")
    others = {key: value for key, value in drawn.items() if key != "model"}
    nearest = operator("superres_nearest")(VIEWS[0], others).astype(int)
    result = op(VIEWS[0], drawn).astype(int)
    # Of three px, the outer two are of one reduced px alone, and the middle one is too: 4/3 px of four equal ones each.
    assert np.abs(result - nearest).max() <= 1


def test_the_models_of_the_factor_are_drawn(op: Distortion):
    drawn = [op.call(severity, Draws(k)).params for k in range(20) for severity in (0.2, 0.5, 1.0)]
    assert {(one["factor"], one["model"]) for one in drawn} == {
        (2, "nearest-x2"),
        (3, "nearest-x4"),
        (3, "shuffle-x4"),
        (4, "nearest-x4"),
        (4, "shuffle-x4"),
    }


def test_it_can_be_given_what_other_algorithms_are_given(op: Distortion):
    assert {"superres_bicubic", "superres_learnt_filters"} <= set(
        partners([op.name, "superres_bicubic", "superres_learnt_filters"])[op.name]
    )


def test_it_keeps_the_contract(op: Distortion):
    assert broken_clauses(op, natural_patches(8)) == []


def test_every_reduced_pixel_of_a_plain_patch_looks_like_the_next_one(op: Distortion):
    drawn = {**params(op, 4, "shuffle-x4"), "noise": 0.0}
    white = np.full((64, 64, 3), 200, np.uint8)
    result = op(white, drawn).astype(int)
    phase = -int(drawn["phase_y"]) % 4, -int(drawn["phase_x"]) % 4
    inner = result[phase[0] : phase[0] + 60, phase[1] : phase[1] + 60]
    assert np.array_equal(inner, np.tile(inner[:4, :4], (15, 15, 1)))
    assert np.ptp(inner) > 10
    larger = op(View(VIEWS[1].image, 88 - 16, (64, 64)), drawn)[16:-16, 16:-16]
    assert np.abs(larger.astype(int) - op(VIEWS[1], drawn)).max() <= 1
