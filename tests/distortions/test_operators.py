"""Operators against oracles from outside: other libraries, closed forms, statistics."""

from __future__ import annotations

import colorsys
import io
import math

import cv2
import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from bappsmith.distortions import Draws, Image, operator, operators
from bappsmith.distortions.functional.power_law import power_law_field
from bappsmith.distortions.patches import natural_patches

PATCHES = natural_patches(10)
PATCH = PATCHES[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


# Few examples: every operator gets a handful of shapes and severities, the contract does the rest.
@pytest.mark.parametrize("name", operators())
@settings(max_examples=8, deadline=None)
@given(
    height=st.integers(8, 70),
    width=st.integers(8, 70),
    severity=st.floats(0, 1, exclude_min=True),
    key=st.integers(0, 2**64 - 1),
)
def test_any_size_any_severity(name: str, height: int, width: int, severity: float, key: int) -> None:
    op = operators()[name]
    image = np.random.Generator(np.random.Philox(key)).integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = image.copy()
    call = op.call(severity, Draws(key))
    op.validate(call.params)
    result = op.apply(image, **call.params)
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert np.array_equal(image, before)


# ---- blur and compression


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.2])
def test_gaussian_blur_is_scikit_images(sigma: float) -> None:
    expected = skimage.filters.gaussian(PATCH.astype(np.float64), sigma, mode="mirror", truncate=4, channel_axis=2)
    assert largest_difference(operator("gaussian_blur").apply(PATCH, sigma=sigma), expected) <= 2.5


@pytest.mark.parametrize("sigma", [4.0, 10.0])
def test_context_blur_is_a_window_of_11_columns_and_21_rows(sigma: float) -> None:
    dot = np.zeros((41, 41, 3), np.uint8)
    dot[20, 20] = 255
    big = np.kron(dot[:, :, :1], np.ones((1, 1, 3))).astype(np.uint8)
    big[10:31, 10:31] = 255  # a block, so that rounding to levels does not hide the rim
    result = operator("context_blur").apply(big, sigma=sigma)
    rows, columns = np.nonzero(result[..., 0])
    assert (rows.min(), rows.max()) == (0, 40)
    assert columns.min() >= 5
    assert columns.max() <= 35


def test_bilateral_blur_spares_a_strong_edge() -> None:
    step = np.zeros((32, 32, 3), np.uint8)
    step[:, 16:] = 255
    assert largest_difference(operator("bilateral_blur").apply(step, sigma_color=30.0), step) <= 1
    assert largest_difference(operator("bilateral_blur").apply(step, sigma_color=600.0), step) > 20


@pytest.mark.parametrize("quality", [5, 20, 75])
def test_jpeg_is_pillows(quality: int) -> None:
    file = io.BytesIO()
    PillowImage.fromarray(PATCH).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    expected = np.asarray(PillowImage.open(file))
    # Both are libjpeg; a level or two is left to their colour conversions.
    result = operator("jpeg").apply(PATCH, quality=float(quality))
    assert np.abs(result.astype(int) - expected).mean() < 1
    swapped = operator("jpeg").apply(PATCH[..., ::-1], quality=float(quality))[..., ::-1]
    assert np.abs(swapped.astype(int) - expected).mean() > np.abs(result.astype(int) - expected).mean()


# ---- photometric


@pytest.mark.parametrize("name", ["saturation", "desaturate"])
def test_no_saturation_is_luma(name: str) -> None:
    free = {"direction": "less"} if name == "saturation" else {}
    grey = operator(name).apply(PATCH, amount=1.0, **free)
    luma = PATCH @ np.array([0.299, 0.587, 0.114])
    assert largest_difference(grey, luma[..., None]) <= 1
    assert np.array_equal(grey, np.asarray(PillowImage.fromarray(grey).convert("L").convert("RGB")))


def test_more_saturation_spreads_channels_and_keeps_luma() -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    vivid = operator("saturation").apply(muted, amount=0.5, direction="more")
    chroma, before = np.ptp(vivid.astype(int), axis=2), np.ptp(muted.astype(int), axis=2)
    assert np.abs(chroma - 3.5 * before).max() <= 1
    assert largest_difference(vivid @ np.array([0.299, 0.587, 0.114]), muted @ np.array([0.299, 0.587, 0.114])) < 2


@pytest.mark.parametrize("hue", [0.0, 77.0, 200.0, 340.0])
def test_color_shift_moves_chroma_and_keeps_luma(hue: float) -> None:
    muted = (96 + PATCH // 8).astype(np.uint8)
    before = skimage.color.convert_colorspace(muted, "RGB", "YCbCr")
    after = skimage.color.convert_colorspace(operator("color_shift").apply(muted, amount=40.0, hue=hue), "RGB", "YCbCr")
    moved = (after - before).mean(axis=(0, 1))
    # scikit-image's Y spans 219 levels and its chroma 224, JFIF's all 255.
    assert abs(moved[0]) < 0.6
    assert moved[1] * 255 / 224 == pytest.approx(40 * math.cos(math.radians(hue)), abs=0.7)
    assert moved[2] * 255 / 224 == pytest.approx(40 * math.sin(math.radians(hue)), abs=0.7)


@pytest.mark.parametrize(("direction", "gain"), [("less", 1 / 3), ("more", 3.0)])
def test_contrast_scales_the_spread_about_the_mean(direction: str, gain: float) -> None:
    muted = (112 + PATCH // 8).astype(np.uint8)  # nothing is clipped
    result = operator("contrast").apply(muted, factor=3.0, direction=direction)
    assert result.std() == pytest.approx(gain * muted.std(), rel=0.02)
    assert result.mean() == pytest.approx(muted.mean(), abs=0.5)


def test_lightness_shift_adds_levels_and_clips() -> None:
    lighter = operator("lightness_shift").apply(PATCH, amount=40.0, direction="lighter")
    darker = operator("lightness_shift").apply(PATCH, amount=40.0, direction="darker")
    assert np.array_equal(lighter, np.minimum(PATCH.astype(int) + 40, 255))
    assert np.array_equal(darker, np.maximum(PATCH.astype(int) - 40, 0))


def test_context_darken_multiplies() -> None:
    assert largest_difference(operator("context_darken").apply(PATCH, brightness=0.3), 0.3 * PATCH) <= 0.5001


@pytest.mark.parametrize(("direction", "sign"), [("forward", 1), ("backward", -1)])
@pytest.mark.parametrize("hue_shift", [0.1, 1 / 3, 0.5])
def test_context_color_turns_the_hue_of_hsv(direction: str, sign: int, hue_shift: float) -> None:
    small = PATCH[::8, ::8]
    expected = np.zeros(small.shape)
    for place in np.ndindex(small.shape[:2]):
        h, s, v = colorsys.rgb_to_hsv(*(small[place] / 255))
        expected[place] = colorsys.hsv_to_rgb((h + sign * hue_shift) % 1, s, v)
    result = operator("context_color").apply(small, hue_shift=hue_shift, direction=direction)
    assert largest_difference(result, 255 * expected) <= 0.51


# ---- noise


@pytest.mark.parametrize("beta", [-2.0, -1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("shape", [(64, 64), (63, 50)])
def test_power_law_noise_has_its_slope_spread_and_independence(beta: float, shape: tuple[int, int]) -> None:
    height, width = shape
    fields = np.stack([power_law_field(seed, height, width, beta) for seed in range(150)])
    assert np.abs(fields.mean(axis=(1, 2))).max() < 1e-9
    assert (fields**2).mean() == pytest.approx(1, abs=0.05)
    power = (np.abs(np.fft.fft2(fields, axes=(1, 2))) ** 2).mean(axis=(0, 3))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    used = frequency > 0
    slope = np.polyfit(np.log(frequency[used]), np.log(power[used]), 1)[0]
    assert slope == pytest.approx(-beta, abs=0.02)
    # The first and last columns of a real FFT are special: they must be neither weaker nor stronger.
    flat = power[used] * frequency[used] ** beta
    assert flat.reshape(-1).max() / flat.min() < 2.2
    axis = power[1:, 0] * frequency[1:, 0] ** beta
    assert axis.mean() == pytest.approx(flat.mean(), rel=0.05)
    red, green = fields[..., 0], fields[..., 1]
    assert abs((red * green).mean()) < 0.06


@pytest.mark.parametrize(
    "name", ["uniform_white_noise", "gaussian_white_noise", "blue_noise", "pink_noise", "violet_noise"]
)
def test_noise_has_the_stated_standard_deviation(name: str) -> None:
    grey = np.full((128, 128, 3), 128, np.uint8)
    residual = operator(name).apply(grey, sigma=20.0, noise_seed=4).astype(np.float64) - 128
    assert residual.std() == pytest.approx(20, rel=0.05)
    assert abs(residual.mean()) < 0.5


def test_named_noises_are_members_of_one_family() -> None:
    family = operator("gaussian_colored_noise")
    for name, beta in (("violet", -2.0), ("blue", -1.0), ("pink", 1.0), ("brown", 2.0)):
        named = operator(f"{name}_noise").apply(PATCH, sigma=20.0, noise_seed=9)
        assert np.array_equal(named, family.apply(PATCH, sigma=20.0, noise_seed=9, beta=beta))


@pytest.mark.parametrize("cell", [1, 2, 4])
def test_checkerboard_alternates_between_two_levels(cell: int) -> None:
    grey = np.full((32, 32, 3), 128, np.uint8)
    result = operator("checkerboard_artifact").apply(grey, amount=20.0, cell=cell)
    assert set(np.unique(result)) == {108, 148}
    assert (result[cell:] != result[:-cell]).all()
    assert (result[:, cell:] != result[:, :-cell]).all()
    assert np.array_equal(result[:, 2 * cell :], result[:, : -2 * cell])


# ---- spatial


@pytest.mark.parametrize(
    ("angle", "dx", "dy"), [(0.0, 8, 0), (90.0, 0, 8), (180.0, -8, 0), (270.0, 0, -8), (45.0, 6, 6)]
)
def test_shift_moves_pixels_exactly(angle: float, dx: int, dy: int) -> None:
    result = operator("shift").apply(PATCH, distance=8 / 64, angle=angle)
    inner = slice(10, 54)
    assert np.array_equal(result[inner, inner], PATCH[10 - dy : 54 - dy, 10 - dx : 54 - dx])
    padded = np.pad(PATCH, ((8, 8), (8, 8), (0, 0)), mode="reflect")
    assert np.array_equal(result, padded[8 - dy : 72 - dy, 8 - dx : 72 - dx])


def test_context_translate_covers_the_published_square_evenly() -> None:
    op, offsets = operator("context_translate"), []
    ramp = np.zeros((64, 64, 3), np.uint8)
    ramp[32, 32] = 255
    draws = Draws(0)
    for _ in range(3000):
        moved = op.apply(ramp, **op.sample(1 - draws.uniform(), draws))
        row, column = np.unravel_index(moved[..., 0].argmax(), (64, 64))
        offsets.append((row - 32, column - 32))
    # The dot itself leaves the patch only at the far rim.
    counts, _, _ = np.histogram2d(*np.array(offsets).T, bins=4, range=[[-32, 32], [-32, 32]])
    assert counts.min() > 130
    assert counts.max() < 250


@pytest.mark.parametrize("degrees", [37.0, 90.0, 180.0])
def test_context_rotate_is_scikit_images(degrees: float) -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    result = operator("context_rotate").apply(smooth, angle=degrees, direction="counterclockwise")
    expected = skimage.transform.rotate(smooth, degrees, order=1, mode="reflect", preserve_range=True)
    assert np.abs(result - expected)[16:48, 16:48].max() < 3


def test_context_rotate_by_half_a_turn_is_exact() -> None:
    result = operator("context_rotate").apply(PATCH, angle=180.0, direction="clockwise")
    assert np.array_equal(result, PATCH[::-1, ::-1])


def test_context_zoom_enlarges_about_the_centre() -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    expected = skimage.transform.resize(smooth[16:48, 16:48], (64, 64), order=1, preserve_range=True)
    result = operator("context_zoom").apply(smooth, factor=2.0)
    assert np.abs(result - expected)[4:-4, 4:-4].max() < 3


def test_affine_warp_is_the_stated_matrix() -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    # A pure turn to the side: x + 0.2 y, y − 0.2 x about the centre.
    result = operator("affine_warp").apply(smooth, amount=0.1, turn=90.0, stretch=0.0, blend=0.0)
    matrix = np.array([[1, -0.2, 0], [0.2, 1, 0], [0, 0, 1]])
    centre = np.array([[1, 0, 31.5], [0, 1, 31.5], [0, 0, 1]])
    expected = skimage.transform.warp(
        smooth, centre @ matrix @ np.linalg.inv(centre), order=1, mode="reflect", preserve_range=True
    )
    assert np.abs(result - expected)[8:-8, 8:-8].max() < 3


def test_homography_is_the_one_through_four_corners() -> None:
    smooth, angles = cv2.GaussianBlur(PATCH, (0, 0), 2), (10.0, 100.0, 250.0, 300.0)
    result = operator("homography").apply(smooth, amount=0.1, **{f"angle_{i}": angle for i, angle in enumerate(angles)})
    corners = np.array([(-0.5, -0.5), (63.5, -0.5), (63.5, 63.5), (-0.5, 63.5)])
    moved = corners + 6.4 * np.array([(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in angles])
    through = skimage.transform.ProjectiveTransform.from_estimate(corners, moved)
    assert through
    expected = skimage.transform.warp(smooth, through, order=1, mode="reflect", preserve_range=True)
    assert np.abs(result - expected)[10:-10, 10:-10].max() < 3


@pytest.mark.parametrize("name", ["linear_warp", "cubic_warp"])
def test_knots_displace_by_no_more_than_stated(name: str) -> None:
    ramp = np.repeat(np.arange(10, 74, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    for seed in range(20):
        moved = operator(name).apply(ramp, amount=0.1, knots_seed=seed).astype(int) - ramp
        # Cubics overshoot their knots: by a factor of 1.5 at most, on both axes together.
        assert 1 <= np.abs(moved).max() <= 6.4 * (1 if name == "linear_warp" else 1.6) + 1


def test_ghosting_of_equal_halves_is_the_mean_of_two() -> None:
    result = operator("ghosting").apply(PATCH, opacity=0.5, distance=8 / 64, angle=0.0)
    expected = (PATCH[:, 8:].astype(float) + PATCH[:, :-8]) / 2
    assert largest_difference(result[:, 8:], expected) <= 0.5


def test_chromatic_aberration_moves_red_and_blue_apart() -> None:
    result = operator("chromatic_aberration").apply(PATCH, distance=4 / 64, angle=0.0)
    assert np.array_equal(result[:, 4:, 0], PATCH[:, :-4, 0])
    assert np.array_equal(result[..., 1], PATCH[..., 1])
    assert np.array_equal(result[:, :-4, 2], PATCH[:, 4:, 2])


def test_twenty_of_the_papers_table_are_there() -> None:
    families = {"photometric", "noise", "blur", "spatial", "compression"}
    names = {name for name, op in operators().items() if op.family in families}
    ours = {"violet_noise", "brown_noise", "desaturate"}
    assert len(names - ours) == 20
    assert ours <= names
    assert len([op for op in operators().values() if op.family == "contexts"]) == 6
