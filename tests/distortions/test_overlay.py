"""What lies between the scene and the viewer."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
import skimage.measure
from scipy import ndimage

from bappsmith.distortions import Draws, Image, View, operator
from bappsmith.distortions.functional.light import to_linear, to_srgb
from bappsmith.distortions.patches import natural_patches, natural_views

PATCH = natural_patches(1)[0]
VIEW = natural_views(1, 64, 0)[0]
BLACK = np.zeros((64, 64, 3), np.uint8)
RAIN = {"density": 12.0, "opacity": 0.7, "length": 12.0, "angle": 30.0, "sky": 0.8}
SNOW = {"density": 40.0, "opacity": 0.9, "veil": 0.05, "angle": 10.0}
SPECKS = {"density": 20.0, "opacity": 1.0, "angle": 70.0}
SPATTER = {"coverage": 0.2, "size": 2.0, "lit_from": 0.0}


def result_of(name: str, image: Image, seed: int = 1, /, **params: object) -> Image:
    seeds = {"haze": "clouds_seed", "rain": "drops_seed", "snow": "flakes_seed", "spatter": "drops_seed"}
    return operator(name)(image, {**params, seeds.get(name, "specks_seed"): seed})


def test_even_haze_is_the_law_of_koschmieder() -> None:
    haze = {"depth": 0.5, "patchiness": 0.0, "airlight": 0.8, "blueness": 0.1}
    air, kept = np.array([0.72, 0.76, 0.8]), np.exp(-0.5)
    expected = to_srgb((to_linear(PATCH) * kept + air * (1 - kept)).astype(np.float32))
    assert np.abs(result_of("haze", PATCH, **haze).astype(int) - expected).max() <= 1


def test_patchy_haze_varies_smoothly_over_the_patch() -> None:
    haze = {"depth": 0.5, "patchiness": 0.7, "airlight": 0.8, "blueness": 0.0}
    result = result_of("haze", BLACK, **haze)[..., 0].astype(int)
    assert np.ptp(result) > 10
    assert max(np.abs(np.diff(result, axis=axis)).max() for axis in (0, 1)) <= 6


@pytest.mark.parametrize(("name", "params"), [("rain", RAIN), ("snow", SNOW)])
def test_rain_and_snow_only_add_light_to_black(name: str, params: dict[str, float]) -> None:
    result = result_of(name, BLACK, **params)
    assert (result == result[..., :1]).all()
    light = to_linear(result)[..., 0]
    floor = params.get("veil", 0.0)
    assert light.min() == pytest.approx(floor, abs=1e-3)
    assert light.max() > 0.3
    assert light.max() <= params.get("sky", 1.0) * (floor + (1 - floor) * params["opacity"]) + 0.01


@pytest.mark.parametrize("angle", [-30.0, 0.0, 30.0])
def test_rain_falls_along_its_angle(angle: float) -> None:
    # The structure tensor's main axis: along the streaks the image changes least.
    total = np.zeros((2, 2))
    for seed in range(6):
        streaks = to_linear(result_of("rain", np.zeros((128, 128, 3), np.uint8), seed, **{**RAIN, "angle": angle}))
        dy, dx = np.gradient(ndimage.gaussian_filter(streaks[..., 0].astype(np.float64), 1.0))
        total += [[(dx * dx).sum(), (dx * dy).sum()], [(dx * dy).sum(), (dy * dy).sum()]]
    x, y = np.linalg.eigh(total)[1][:, 0]
    assert np.degrees(np.arctan(x / y)) == pytest.approx(angle, abs=4)


def test_near_flakes_are_larger_and_blurred() -> None:
    snow = to_linear(result_of("snow", np.zeros((256, 256, 3), np.uint8), **{**SNOW, "density": 8.0, "veil": 1e-3}))
    flakes = (snow[..., 0] > 0.1).astype(np.uint8)
    labels = np.asarray(skimage.measure.label(flakes))
    areas = np.sort(np.bincount(labels.ravel())[1:])
    assert len(areas) > 60
    assert areas[-1] > 6 * np.median(areas)


@pytest.mark.parametrize(
    ("name", "params"),
    [("rain", RAIN), ("snow", SNOW), ("scratches_and_dust", {**SPECKS, "film": "negative"})],
)
def test_what_is_seen_per_area_does_not_depend_on_the_size(name: str, params: dict[str, object]) -> None:
    means = []
    for side, seeds in ((32, 72), (192, 2)):
        black = np.zeros((side, side, 3), np.uint8)
        means.append(np.mean([result_of(name, black, seed, **params).mean() for seed in range(seeds)]))
    assert means[0] == pytest.approx(means[1], rel=0.15)


@pytest.mark.parametrize(
    ("name", "params"),
    [("rain", RAIN), ("snow", SNOW), ("scratches_and_dust", {**SPECKS, "film": "negative"})],
)
def test_the_rim_is_as_bright_as_the_rest(name: str, params: dict[str, object]) -> None:
    light = np.mean([result_of(name, np.zeros((24, 24, 3), np.uint8), seed, **params) for seed in range(120)], axis=0)
    light = light.mean(axis=2)
    rim = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]).mean()
    assert rim == pytest.approx(light[4:-4, 4:-4].mean(), rel=0.12)


def test_specks_are_light_on_a_negative_and_dark_on_a_positive() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    light, dark = (result_of("scratches_and_dust", grey, **SPECKS, film=film) for film in ("negative", "positive"))
    assert light.min() == 128
    assert light.max() > 200
    assert dark.max() == 128
    assert dark.min() < 60
    assert np.array_equal(light > 128, dark < 128)
    assert 0.05 < (light > 128).mean() < 0.6


@pytest.mark.parametrize("coverage", [0.02, 0.2])
def test_mud_covers_its_share_of_the_area(coverage: float) -> None:
    white = np.full((128, 128, 3), 255, np.uint8)
    shares = [
        (result_of("spatter", white, seed, **{**SPATTER, "coverage": coverage}, kind="mud")[..., 0] < 190).mean()
        for seed in range(20)
    ]
    assert np.mean(shares) == pytest.approx(coverage, rel=0.2)


def test_mud_is_brown_and_water_lets_the_scene_through() -> None:
    mud, water = (result_of("spatter", PATCH, **SPATTER, kind=kind).astype(int) for kind in ("mud", "water"))
    covered = np.abs(mud - PATCH).max(axis=2) > 60
    assert 0.1 < covered.mean() < 0.3
    darkest = mud[mud.sum(axis=2) == mud.sum(axis=2).min()][0]
    assert darkest[0] > darkest[1] > darkest[2]
    correlation = np.corrcoef(water[covered].mean(axis=1), PATCH[covered].mean(axis=1))[0, 1]
    assert correlation > 0.3


def test_drops_of_water_are_lit_from_one_side() -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    from_right = to_linear(result_of("spatter", grey, **SPATTER, kind="water"))[..., 0]
    from_left = to_linear(result_of("spatter", grey, **{**SPATTER, "lit_from": 180.0}, kind="water"))[..., 0]
    shade = (from_right - from_left).astype(np.float64)
    # A drop is light where its far side falls towards the light: to the right of its middle.
    body = (from_right + from_left) / 2 - float(to_linear(grey)[0, 0, 0])
    slope = np.gradient(body, axis=1)
    assert np.corrcoef(shade.ravel(), slope.ravel())[0, 1] < -0.3


def test_a_threshold_of_a_normal_field_is_its_quantile() -> None:
    # What `spatter` takes as known: its field has variance 1, whatever the size of the drops.
    white = np.full((256, 256, 3), 255, np.uint8)
    for size in (1.2, 3.0):
        share = (
            result_of("spatter", white, **{**SPATTER, "size": size, "coverage": 0.5}, kind="mud")[..., 0] < 190
        ).mean()
        assert NormalDist().inv_cdf(share) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("name", ["haze", "rain", "snow", "scratches_and_dust", "spatter"])
def test_more_severity_changes_more(name: str) -> None:
    op = operator(name)
    changes = [
        np.mean([np.abs(op(PATCH, op.draw(at, Draws(key))).astype(int) - PATCH).mean() for key in range(12)])
        for at in (0.0, 0.5, 1.0)
    ]
    assert 2 * changes[0] < changes[1] < changes[2] / 1.5


def test_color_block_covers_the_stated_share_with_plain_squares() -> None:
    black = View(np.zeros((64, 64, 3), np.uint8), 0, (64, 64))
    covered: list[float] = []
    for seed in range(20):
        params = {"share": 0.1, "opacity": 1.0, "block": 8, "blocks_seed": seed}
        result = operator("color_block")(black, params)
        covered.append(float(result.any(axis=2).mean()))
        colours = np.unique(result.astype(int) @ (1, 256, 65536))
        assert len(colours) <= 1 + 4 * 6  # 6 blocks in the patch, and what reaches in from its neighbours
    # Random places leave exp(−share) of the area free.
    assert np.mean(covered) == pytest.approx(1 - math.exp(-6 * 64 / 4096), abs=0.02)


def test_color_block_mixes_by_its_opacity() -> None:
    params = {"share": 0.2, "block": 8, "blocks_seed": 4}
    whole = operator("color_block")(VIEW, {**params, "opacity": 1.0})
    half = operator("color_block")(VIEW, {**params, "opacity": 0.5})
    assert np.abs(half - (whole.astype(float) + VIEW.centre) / 2).max() <= 0.5


@pytest.mark.parametrize(
    ("name", "params"),
    [("rain", {**RAIN, "density": 1.2}), ("spatter", {**SPATTER, "coverage": 0.004, "size": 3.0, "kind": "mud"})],
)
def test_little_rain_and_spatter_is_seen_in_every_patch(name: str, params: dict[str, object]) -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    assert all((result_of(name, grey, seed, **params) != 128).any() for seed in range(60))
