"""Super-resolution: the shared reduction, and each algorithm against another library or its own formula."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PIL
from skimage.transform import downscale_local_mean

from bappsmith.distortions import Draws, operator, operators
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.distortions.conformance.contract import broken_clauses
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.restoration.super_resolution.gradient_hash import ANGLES, BUCKETS, buckets
from bappsmith.distortions.restoration.super_resolution.reduction import Reduction, reduce_view, reduced
from bappsmith.distortions.restoration.super_resolution.superres_back_projection import back_projected
from bappsmith.distortions.restoration.super_resolution.superres_learnt_filters import SuperresLearntFilters
from bappsmith.distortions.view import View, with_margin
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.planning.degradation import partners
from bappsmith.pipeline.sources.index import index_sources

NAMES = [name for name, op in operators().items() if op.family == "super_resolution"]
VIEWS = natural_views(4, 64, 88)
PATCHES = natural_patches(4, 96)


def params(name: str, factor: int, **fixed: object) -> dict[str, object]:
    drawn = operator(name).call(0.5, Draws(3)).params
    return {**drawn, "factor": factor, **fixed}


def test_all_are_partners():
    found = partners(NAMES)
    assert {name: set(others) for name, others in found.items()} == {name: set(NAMES) - {name} for name in NAMES}
    assert {"superres_nearest", "superres_bicubic", "superres_lanczos", "superres_back_projection"} <= set(NAMES)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_the_reduction_is_a_blur_and_the_mean_of_squares(factor: int):
    image = PATCHES[0]
    plain = reduced(image, Reduction(factor, 0.0, 0.0, (0, 0), 0))
    assert np.abs(plain - downscale_local_mean(image, (factor, factor, 1))).max() <= 0.51
    soft = reduced(image, Reduction(factor, 0.4, 0.0, (0, 0), 0))
    blurred = cv2.GaussianBlur(image.astype(np.float64), (0, 0), 0.4 * factor)
    assert np.abs(soft - downscale_local_mean(blurred, (factor, factor, 1))).max() <= 1.6


@pytest.mark.parametrize("phase", [(0, 0), (1, 5), (11, 2)])
@pytest.mark.parametrize("factor", [2, 3, 4])
def test_squares_start_at_the_phase(factor: int, phase: tuple[int, int]):
    fixed = {"blur": 0.0, "noise": 0.0, "phase_y": phase[0], "phase_x": phase[1]}
    result = operator("superres_nearest")(VIEWS[0], params("superres_nearest", factor, **fixed)).astype(int)
    for axis, start in enumerate(phase):
        changes = np.abs(np.diff(result, axis=axis)).sum(axis=(1 - axis, 2))
        assert set(np.flatnonzero(changes) + 1) <= {k for k in range(65) if (k - -start) % factor == 0}
        assert len(np.flatnonzero(changes)) >= 64 // factor - 2


@pytest.mark.parametrize("name", NAMES)
def test_two_algorithms_get_the_same_reduced_patch_and_real_surroundings(name: str):
    op = operator(name)
    drawn = params(name, 4, noise=0.0)
    assert op.margin(64, drawn) == operator("superres_nearest").margin(64, params("superres_nearest", 4))
    larger = op(View(VIEWS[1].image, 88 - 16, (64, 64)), drawn)[16:-16, 16:-16]
    # 16 is a multiple of the factor: the grid stays where it is.
    assert np.abs(larger.astype(int) - op(VIEWS[1], drawn)).max() <= 2


def test_bicubic_and_lanczos_are_near_those_of_pillow():
    small = reduce_view(with_margin(VIEWS[2], 30), Reduction(3, 0.2, 0.0, (0, 0), 0)).image
    size = small.shape[1] * 3, small.shape[0] * 3
    for name, method in (("bicubic", PIL.Resampling.BICUBIC), ("lanczos", PIL.Resampling.LANCZOS)):
        ours = operator(f"superres_{name}").enlarge(small, 3).astype(int)
        theirs = np.asarray(PIL.fromarray(small).resize(size, method)).astype(int)
        # Pillow's cubic kernel has a = −.5, and its Lanczos kernel 6×6 px.
        assert np.abs(ours - theirs)[12:-12, 12:-12].mean() < 1.0
        others = np.asarray(PIL.fromarray(small).resize(size, PIL.Resampling.NEAREST)).astype(int)
        assert np.abs(ours - others)[12:-12, 12:-12].mean() > 1.5


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_back_projection_fits_what_it_was_given(factor: int):
    """The residual of the result, reduced again with the right blur, falls; with a wrong blur it falls less."""
    small = reduced(PATCHES[1], Reduction(factor, 0.3, 0.0, (0, 0), 0))

    def residual(blur: float, iterations: int) -> float:
        again = reduced(back_projected(small, factor, blur, iterations), Reduction(factor, 0.3, 0.0, (0, 0), 0))
        return float(np.abs(again.astype(float) - small).mean())

    first, few, many, wrong = residual(0.3, 0), residual(0.3, 2), residual(0.3, 10), residual(0.0, 10)
    assert first > few > many
    assert many < 0.4 * first
    assert many < wrong


def test_a_plain_image_stays():
    image = np.full((48, 40, 3), (20, 130, 240), np.uint8)
    for name in NAMES:
        drawn = params(name, 3, noise=0.0)
        assert np.abs(operator(name)(image, drawn).astype(int) - image).max() <= 1, name


def test_gradients_are_sorted_by_direction():
    """A ramp that turns by 22.5° goes through every direction; flat areas are the weakest."""
    y, x = np.mgrid[-20:20, -20:20].astype(np.float32)
    found = []
    for k in range(ANGLES):
        turn = np.pi * (k + 0.5) / ANGLES
        ramp = (20 * (np.cos(turn) * x + np.sin(turn) * y)).astype(np.float32)
        (inner,) = np.unique(buckets(ramp, 2)[15:-15, 15:-15])
        found.append(inner)
    assert len(set(found)) == ANGLES
    assert {number % 6 for number in found} == {5}  # strongest and coherent
    flat = buckets(np.full((9, 9), 7.0, np.float32), 2)
    assert flat.max() < BUCKETS
    assert set(np.unique(flat % 6)) <= {0, 1}


def test_learnt_filters_come_nearer_than_interpolation():
    """On photographs that they were not learnt from: gratings of drawn directions."""
    errors = {name: [] for name in ("superres_bicubic", "superres_learnt_filters")}
    y, x = np.mgrid[0:124, 0:124]
    for k in range(6):
        turn = Draws(k).uniform(0, np.pi)
        wave = np.sign(np.sin((np.cos(turn) * x + np.sin(turn) * y) / 4))
        image = np.uint8(128 + 70 * wave)[..., None].repeat(3, axis=2)
        view = View(image, 30, (64, 64))
        for name, values in errors.items():
            result = operator(name)(view, params(name, 3, noise=0.25))
            values.append(np.abs(result.astype(float) - view.centre).mean())
    assert np.mean(errors["superres_learnt_filters"]) < 0.95 * np.mean(errors["superres_bicubic"])


def test_learnt_filters_name_the_photographs_that_they_come_from():
    index = index_sources(Sources(path="samples"))
    assert SuperresLearntFilters.learnt_from == {photo.pixels_sha256 for photo in index.photographs}


def test_a_network_of_a_bank_keeps_the_contract(restoring_banks: dict[str, Path]):
    load_bank(restoring_banks["superres"])
    op = operator("superres_network")
    assert op.family == "super_resolution"
    assert set(partners(["superres_network", "superres_bicubic"])) == {"superres_network", "superres_bicubic"}
    assert broken_clauses(op, natural_patches(12)) == []
    views = [with_margin(view, 30) for view in VIEWS[:3]]
    draws = [op.call(0.9, Draws(k)).params for k in range(3)]
    together = op.apply_batch(views, draws)
    for view, values, result in zip(views, draws, together, strict=True):
        assert np.array_equal(op.apply(view, **values), result)
