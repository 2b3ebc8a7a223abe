"""The types of KADID-10k, rebuilt."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kadid_colour import minimum_variance_palette, otsu_thresholds
from kadid_types import FIXED, RANDOM, TYPES, distort
from numpy.typing import NDArray
from parameters import PARAMETERS

Image = NDArray[np.uint8]


def error(first: Image, second: Image) -> float:
    return float(np.mean((first.astype(float) - second) ** 2))


def made(photo: Image, name: str, parameter: float, seed: int = 0) -> Image:
    return distort(photo, name, parameter, np.random.default_rng(seed))


def test_every_type_has_one_function():
    assert sorted([*FIXED, *RANDOM]) == sorted(TYPES)
    assert list(PARAMETERS) == list(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_reproducible_and_leaves_its_input_as_it_was(photo: Image, name: str):
    before = photo.copy()
    image = made(photo, name, PARAMETERS[name][3])
    assert image.shape == photo.shape
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(photo, before)
    np.testing.assert_array_equal(made(photo, name, PARAMETERS[name][3]), image)
    assert (made(photo, name, PARAMETERS[name][3], seed=1) != image).any() == (name in RANDOM)


@pytest.mark.parametrize(
    "name",
    [name for name in TYPES if name not in {"color_shift", "color_block", "mean_shift", "contrast_change"}],
)
def test_the_error_rises_from_level_to_level(photo: Image, name: str):
    first, *others = (error(photo, made(photo, name, parameter)) for parameter in PARAMETERS[name])
    for later in others:
        assert later > first
        first = later


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("gaussian_blur", 0.1),
        ("motion_blur", 1),
        ("color_saturation1", 1),
        ("color_saturation2", 1),
        ("mean_shift", 0),
        ("brighten", 0),
        ("darken", 0),
        ("high_sharpen", 0),
        ("contrast_change", -0.2),
        ("jitter", 0),
    ],
)
def test_where_a_parameter_means_nothing_the_image_stays(photo: Image, name: str, parameter: float):
    np.testing.assert_allclose(made(photo, name, parameter).astype(int), photo, atol=1)


def test_a_disk_of_radius_1_gives_its_centre_the_share_of_one_pixel():
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[32, 32] = 255
    assert made(dot, "lens_blur", 1)[32, 32, 0] == round(255 / np.pi)


def test_a_line_of_five_pixels_spreads_a_dot_over_five(photo: Image):
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[32, 32] = 255
    rows = made(dot, "motion_blur", 5, seed=2)[..., 0].astype(float)
    y, x = np.nonzero(rows)
    assert 4 <= np.hypot(y - 32, x - 32).max() * 2 <= 7
    assert rows.sum() == pytest.approx(255, abs=len(y) / 2)


def test_saturation_0_is_the_largest_channel(photo: Image):
    np.testing.assert_array_equal(made(photo, "color_saturation1", 0), np.repeat(photo.max(2), 3).reshape(photo.shape))


def test_a_shift_of_the_mean_is_in_units_of_white(photo: Image):
    wanted = np.clip(photo.astype(int) + 38, 0, 255)
    np.testing.assert_allclose(made(photo, "mean_shift", 0.15).astype(int), wanted, atol=1)


@pytest.mark.parametrize(("name", "variance"), [("white_noise", 0.001), ("multiplicative_noise", 0.004)])
def test_noise_has_its_variance(name: str, variance: float):
    grey = np.full((192, 256, 3), 128, np.uint8)
    scale = 1 if name == "white_noise" else (128 / 255) ** 2
    assert made(grey, name, variance).var() == pytest.approx(255**2 * variance * scale, rel=0.03)


def test_impulses_are_black_and_white_in_equal_parts():
    noise = made(np.full((192, 256, 3), 128, np.uint8), "impulse_noise", 0.03)
    assert (noise == 0).mean() == pytest.approx(0.015, abs=0.002)
    assert (noise == 255).mean() == pytest.approx(0.015, abs=0.002)


def test_blocks_cover_the_share_of_the_whole_image_that_they_covered_at_512_px(photo: Image):
    changed = (made(photo, "color_block", 1) != photo).any(axis=2)
    assert np.ptp(np.nonzero(changed)[0]) <= 15
    assert 0.9 * 16 * 16 <= changed.sum() <= 16 * 16


def test_a_palette_finds_colours_that_stand_apart():
    colours = np.array([[10, 20, 30], [200, 20, 30], [10, 220, 30], [90, 90, 250]], np.uint8)
    pixels = np.repeat(colours, (5, 9, 1, 4), axis=0)
    palette = minimum_variance_palette(pixels, 4)
    assert sorted(palette.tolist()) == sorted(colours.astype(float).tolist())
    assert len(minimum_variance_palette(pixels, 9)) == 4
    # Blue varies most, so the first cut is between the last colour and the others.
    assert [90, 90, 250] in minimum_variance_palette(pixels, 2).tolist()


def test_a_quantized_image_has_that_many_colours(photo: Image):
    assert len(np.unique(made(photo, "color_quantization", 16).reshape(-1, 3), axis=0)) == 16


def test_only_the_green_channel_moves(photo: Image):
    moved = made(photo, "color_shift", 6)
    np.testing.assert_array_equal(moved[..., [0, 2]], photo[..., [0, 2]])
    assert (moved[..., 1] != photo[..., 1]).mean() > 0.1


@settings(max_examples=20)
@given(st.lists(st.integers(1, 50), min_size=5, max_size=8), st.integers(1, 3))
def test_thresholds_leave_the_least_variance(counts: list[int], count: int):
    levels = np.sort(np.random.default_rng(len(counts)).choice(256, len(counts), replace=False))
    histogram = np.zeros(256, np.intp)
    histogram[levels] = counts
    pixels = np.repeat(levels, counts)

    def within(cuts: NDArray[np.intp]) -> float:
        classes = np.searchsorted(cuts, pixels, side="left")
        return sum(float(pixels[classes == number].var() * (classes == number).sum()) for number in set(classes))

    least = min(within(np.array(cuts)) for cuts in combinations(levels[:-1], count))
    cuts = otsu_thresholds(histogram, count)
    assert len(cuts) == count
    assert (np.diff(cuts) > 0).all()
    assert within(cuts) == pytest.approx(least, rel=1e-9, abs=1e-6)
