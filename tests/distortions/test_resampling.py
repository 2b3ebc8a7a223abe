"""Resampling against Pillow, OpenCV, scikit-image and by hand."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import skimage.filters
import skimage.transform
from PIL import Image as PillowImage

from bappsmith.distortions import operator
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.view import with_margin

PATCH = natural_patches(1)[0]
PHASES = {"row_phase": 0.3, "column_phase": 0.8}
SETTINGS: dict[str, dict[str, Any]] = {
    "nearest_resize": {"factor": 2.7, **PHASES},
    "bicubic_resize": {"factor": 2.7, "antialiased": True, **PHASES},
    "lanczos_resize": {"factor": 2.7, "antialiased": False, **PHASES},
    "pixelate": {"size": 2.7, **PHASES},
    "sinc_ringing": {"cutoff": 0.4, "radius": 8},
    "over_sharpening": {"amount": 2.0, "sigma": 1.5},
    "sparse_sampling": {"density": 0.4, "places_seed": 3},
}


def largest_difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


def waves(period: float) -> np.ndarray:
    """Vertical waves of amplitude 100."""
    return np.tile((128 + 100 * np.sin(2 * np.pi * np.arange(64) / period)).astype(np.uint8)[:, None], (64, 1, 3))


@pytest.mark.parametrize("name", SETTINGS)
def test_a_flat_image_stays(name: str) -> None:
    flat = np.full((30, 30, 3), (17, 130, 240), np.uint8)
    assert np.array_equal(operator(name)(flat, SETTINGS[name]), flat)


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - {"sparse_sampling"}))
def test_the_patch_is_cut_out_of_the_distorted_photograph(name: str) -> None:
    (view,) = natural_views(1, 64, 48)
    op = operator(name)
    # As if a later operator needed 16 px.
    whole = op(type(view)(view.image, 32, view.patch), SETTINGS[name])
    # Positions are rounded to 1/32 px: a level, where one lies half-way.
    assert largest_difference(whole[16:-16, 16:-16], op(with_margin(view, 48), SETTINGS[name])) <= 1


@pytest.mark.parametrize("name", ["nearest_resize", "bicubic_resize", "lanczos_resize", "pixelate"])
@pytest.mark.parametrize("antialiased", [True, False])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.7])
def test_no_phase_moves_the_picture(name: str, antialiased: bool, phase: float) -> None:
    (view,) = natural_views(1, 64, 30)
    ramp = np.repeat(np.tile(2 * np.arange(124, dtype=np.uint8), (124, 1))[..., None], 3, axis=2)
    size = "size" if name == "pixelate" else "factor"
    params = {size: 4.0, "antialiased": antialiased, "row_phase": phase, "column_phase": phase}
    op = operator(name)
    result = op(type(view)(ramp, 30, (64, 64)), {key: params[key] for key in op.parameters})
    error = result.astype(np.float64) - ramp[30:-30, 30:-30]
    # Two levels are a pixel. An even block has no middle pixel: nearest neighbours are half a pixel off.
    assert abs(error.mean()) <= (1.05 if name == "nearest_resize" else 0.3)
    assert np.abs(error).max() <= (4 if name in ("nearest_resize", "pixelate") else 1)


def test_nearest_resize_repeats_the_middle_of_each_block() -> None:
    image = PATCH[:60, :60]
    result = operator("nearest_resize")(image, {"factor": 3.0, "row_phase": 0.0, "column_phase": 0.0})
    assert np.array_equal(result, image[1::3, 1::3].repeat(3, axis=0).repeat(3, axis=1))


@pytest.mark.parametrize(
    ("name", "kernel"),
    [("bicubic_resize", PillowImage.Resampling.BICUBIC), ("lanczos_resize", PillowImage.Resampling.LANCZOS)],
)
def test_an_antialiased_reduction_is_pillows(name: str, kernel: PillowImage.Resampling) -> None:
    params = {"factor": 2.0, "antialiased": True, "row_phase": 0.0, "column_phase": 0.0}
    expected = PillowImage.fromarray(PATCH).resize((32, 32), kernel).resize((64, 64), kernel)
    result = operator(name)(PATCH, params)
    assert largest_difference(result[14:-14, 14:-14], np.asarray(expected)[14:-14, 14:-14]) <= 1


@pytest.mark.parametrize(
    ("name", "read", "kernel"),
    [
        ("bicubic_resize", cv2.INTER_CUBIC, PillowImage.Resampling.BICUBIC),
        ("lanczos_resize", cv2.INTER_LANCZOS4, PillowImage.Resampling.LANCZOS),
    ],
)
def test_a_reduction_that_folds_is_opencvs(name: str, read: int, kernel: PillowImage.Resampling) -> None:
    params = {"factor": 2.0, "antialiased": False, "row_phase": 0.0, "column_phase": 0.0}
    reduced = np.asarray(cv2.resize(PATCH, (32, 32), interpolation=read), np.uint8)
    expected = PillowImage.fromarray(reduced).resize((64, 64), kernel)
    result = operator(name)(PATCH, params)
    assert largest_difference(result[16:-16, 16:-16], np.asarray(expected)[16:-16, 16:-16]) <= 2


def test_only_a_reduction_that_folds_keeps_waves_that_are_too_fine() -> None:
    params = {"factor": 3.0, "row_phase": 0.4, "column_phase": 0.4}
    for name in ("bicubic_resize", "lanczos_resize"):
        smooth, folded = (operator(name)(waves(2.5), {**params, "antialiased": yes}) for yes in (True, False))
        assert smooth[16:-16].std() < 8
        assert folded[16:-16].std() > 30


def test_pixelate_is_a_mean_of_blocks() -> None:
    expected = skimage.transform.downscale_local_mean(PATCH, (4, 4, 1)).repeat(4, axis=0).repeat(4, axis=1)
    result = operator("pixelate")(PATCH, {"size": 4.0, "row_phase": 0.0, "column_phase": 0.0})
    assert largest_difference(result, expected) <= 0.5


def test_pixelate_starts_blocks_at_the_drawn_phase() -> None:
    result = operator("pixelate")(PATCH, {"size": 4.0, "row_phase": 0.25, "column_phase": 0.5}).astype(int)
    rows = np.flatnonzero(np.abs(np.diff(result, axis=0)).max(axis=(1, 2))) + 1
    columns = np.flatnonzero(np.abs(np.diff(result, axis=1)).max(axis=(0, 2))) + 1
    # The middle, row 32, is a quarter of a block after a block starts.
    assert {int(row) % 4 for row in rows} == {3}
    assert {int(column) % 4 for column in columns} == {2}


def test_sinc_ringing_passes_low_and_cuts_high_frequencies() -> None:
    ringing = operator("sinc_ringing")
    inner = np.s_[12:-12, 12:-12]
    # Periods of 16 px and 4 px are an eighth and a half of the highest frequency.
    slow, fast = (ringing(waves(period), {"cutoff": 0.3, "radius": 10})[inner] for period in (16, 4))
    assert slow.std() == pytest.approx(waves(16)[inner].std(), rel=0.12)
    assert fast.std() < 0.06 * waves(4)[inner].std()


def test_sinc_ringing_overshoots_at_an_edge() -> None:
    step = np.full((48, 48, 3), 80, np.uint8)
    step[:, 24:] = 170
    result = operator("sinc_ringing")(step, {"cutoff": 0.4, "radius": 10})[24, :, 0]
    # Gibbs: about 9 % of the step on either side; a little less for a circular limit.
    assert 174 <= result.max() <= 182
    assert 68 <= result.min() <= 76


@pytest.mark.parametrize("amount", [0.5, 3.0])
def test_over_sharpening_is_scikit_images_unsharp_mask(amount: float) -> None:
    image = (PATCH / 255).astype(np.float64)
    expected = 255 * skimage.filters.unsharp_mask(image, 1.5, amount, channel_axis=2)
    result = operator("over_sharpening")(PATCH, {"amount": amount, "sigma": 1.5})
    inner = np.s_[8:-8, 8:-8]
    # OpenCV's blur of bytes ends at three σ, and is rounded to levels.
    assert largest_difference(result[inner], expected[inner]) <= 1.5 * amount + 0.5


def test_sparse_sampling_keeps_the_share_it_says() -> None:
    result = operator("sparse_sampling")(PATCH, {"density": 0.3, "places_seed": 11})
    same = (result == PATCH).all(axis=2)
    assert same.mean() == pytest.approx(0.3, abs=0.05)
    # Lost pixels lie within the range of the pixels around them, and near their own.
    assert np.median(np.abs(result.astype(int) - PATCH)[~same]) < 20


def test_sparse_sampling_rebuilds_a_smooth_picture() -> None:
    ramp = np.tile(np.linspace(60, 200, 64).astype(np.uint8)[:, None], (64, 1, 3))
    result = operator("sparse_sampling")(ramp, {"density": 0.3, "places_seed": 2})
    assert largest_difference(result[8:-8], ramp[8:-8]) < 6
