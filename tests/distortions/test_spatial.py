"""Warps against scikit-image and closed forms."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import skimage.color
import skimage.filters
import skimage.transform

from bappsmith.distortions import Image, View, operator
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.manifests.schema.call import Params

PATCH = natural_patches(1)[0]


def largest_difference(a: Image, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max())


@pytest.mark.parametrize(
    ("angle", "dx", "dy"), [(0.0, 8, 0), (90.0, 0, 8), (180.0, -8, 0), (270.0, 0, -8), (45.0, 6, 6)]
)
def test_shift_moves_pixels_exactly(angle: float, dx: int, dy: int) -> None:
    result = operator("shift")(PATCH, {"distance": 8 / 64, "angle": angle})
    inner = slice(10, 54)
    assert np.array_equal(result[inner, inner], PATCH[10 - dy : 54 - dy, 10 - dx : 54 - dx])
    padded = np.pad(PATCH, ((8, 8), (8, 8), (0, 0)), mode="reflect")
    assert np.array_equal(result, padded[8 - dy : 72 - dy, 8 - dx : 72 - dx])


def test_affine_warp_is_the_stated_matrix() -> None:
    smooth = cv2.GaussianBlur(PATCH, (0, 0), 2)
    # A pure turn to the side: x + 0.2 y, y − 0.2 x about the centre.
    result = operator("affine_warp")(smooth, {"amount": 0.1, "turn": 90.0, "stretch": 0.0, "blend": 0.0})
    matrix = np.array([[1, -0.2, 0], [0.2, 1, 0], [0, 0, 1]])
    centre = np.array([[1, 0, 31.5], [0, 1, 31.5], [0, 0, 1]])
    expected = skimage.transform.warp(
        smooth, centre @ matrix @ np.linalg.inv(centre), order=1, mode="reflect", preserve_range=True
    )
    assert np.abs(result - expected)[8:-8, 8:-8].max() < 3


def test_homography_is_the_one_through_four_corners() -> None:
    smooth, angles = cv2.GaussianBlur(PATCH, (0, 0), 2), (10.0, 100.0, 250.0, 300.0)
    result = operator("homography")(smooth, {"amount": 0.1, **{f"angle_{i}": angle for i, angle in enumerate(angles)}})
    corners = np.array([(-0.5, -0.5), (63.5, -0.5), (63.5, 63.5), (-0.5, 63.5)])
    moved = corners + 6.4 * np.array([(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in angles])
    # The eight equations of four points: u = (a x + b y + c) / (g x + h y + 1), v = (d x + e y + f) / (g x + h y + 1).
    rows = [[x, y, 1, 0, 0, 0, -u * x, -u * y] for (x, y), (u, _) in zip(corners, moved, strict=True)]
    rows += [[0, 0, 0, x, y, 1, -v * x, -v * y] for (x, y), (_, v) in zip(corners, moved, strict=True)]
    through = np.append(np.linalg.solve(np.array(rows), moved.T.ravel()), 1).reshape(3, 3)
    expected = skimage.transform.warp(smooth, through, order=1, mode="reflect", preserve_range=True)
    assert np.abs(result - expected)[10:-10, 10:-10].max() < 3


@pytest.mark.parametrize("name", ["linear_warp", "cubic_warp"])
def test_knots_displace_by_no_more_than_stated(name: str) -> None:
    ramp = np.repeat(np.arange(10, 74, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    for seed in range(20):
        moved = operator(name)(ramp, {"amount": 0.1, "knots_seed": seed}).astype(int) - ramp
        # Cubics overshoot their knots: by a factor of 1.5 at most, on both axes together.
        assert 1 <= np.abs(moved).max() <= 6.4 * (1 if name == "linear_warp" else 1.6) + 1


def test_ghosting_of_equal_halves_is_the_mean_of_two() -> None:
    result = operator("ghosting")(PATCH, {"opacity": 0.5, "distance": 8 / 64, "angle": 0.0})
    expected = (PATCH[:, 8:].astype(float) + PATCH[:, :-8]) / 2
    assert largest_difference(result[:, 8:], expected) <= 0.5


def test_chromatic_aberration_moves_red_and_blue_apart() -> None:
    result = operator("chromatic_aberration")(PATCH, {"distance": 4 / 64, "angle": 0.0})
    assert np.array_equal(result[:, 4:, 0], PATCH[:, :-4, 0])
    assert np.array_equal(result[..., 1], PATCH[..., 1])
    assert np.array_equal(result[:, :-4, 2], PATCH[:, 4:, 2])


def views(margin: int) -> list[View]:
    return natural_views(3, 64, margin)


def displacement(name: str, params: Params, side: int = 65) -> tuple[np.ndarray, np.ndarray]:
    """Return how far pixels come from the right and from below, px: measured on ramps of 2 levels a pixel."""
    margin = 31
    ramp = np.arange(side + 2 * margin, dtype=np.uint8) * 2
    across = np.repeat(np.broadcast_to(ramp, (len(ramp), len(ramp)))[:, :, None], 3, 2).copy()
    measured: list[np.ndarray] = []
    for image in (across, across.transpose(1, 0, 2).copy()):
        view = View(image, margin, (side, side))
        moved = operator(name)(view, params)[..., 0].astype(float) - view.centre[..., 0]
        measured.append(moved / 2)
    return measured[0], measured[1]


def centred(side: int = 65) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(*[np.arange(side) - (side - 1) / 2] * 2)
    return x, y


@pytest.mark.parametrize("direction", ["clockwise", "counterclockwise"])
def test_small_rotation_agrees_with_scikit_image(direction: str) -> None:
    view = views(24)[0]
    smooth = cv2.GaussianBlur(view.image, (0, 0), 2)
    params: Params = {"angle": 8.0, "direction": direction, "centre_x": 0.125, "centre_y": -0.25}
    result = operator("small_rotation")(View(smooth, 24, (64, 64)), params)
    centre = 24 + 31.5 + 8, 24 + 31.5 - 16
    angle = -8.0 if direction == "clockwise" else 8.0
    expected = skimage.transform.rotate(smooth, angle, center=centre, order=1, preserve_range=True)[24:-24, 24:-24]
    assert np.abs(result - expected).max() < 3


@pytest.mark.parametrize(("direction", "step"), [("in", 1 / 1.25), ("out", 1.25)])
def test_zoom_scales_about_a_point_that_stays(direction: str, step: float) -> None:
    dx, dy = displacement("zoom", {"amount": 0.25, "direction": direction, "centre_x": 0.2, "centre_y": -0.1})
    x, y = centred()
    assert np.abs(dx - (step - 1) * (x - 0.2 * 65)).max() < 0.3
    assert np.abs(dy - (step - 1) * (y + 0.1 * 65)).max() < 0.3


def test_zoom_out_does_not_alias() -> None:
    stripes = np.zeros((160, 160, 3), np.uint8)
    stripes[:, ::2] = 200
    params: Params = {"amount": 0.7, "direction": "out", "centre_x": 0.0, "centre_y": 0.0}
    # Without a blur before, stripes of one pixel leave a beat of up to 200 levels.
    assert np.ptp(operator("zoom")(View(stripes, 48, (64, 64)), params).astype(int)) < 110


def test_elastic_displaces_smoothly_and_within_its_bound() -> None:
    amount, smoothness, side = 0.8, 0.2, 65
    bound = amount * smoothness * side
    fields: list[np.ndarray] = []
    for seed in range(12):
        params: Params = {"amount": amount, "smoothness": smoothness, "phase_x": 0.3, "phase_y": 0.8}
        fields.extend(displacement("elastic", {**params, "field_seed": seed}))
    moved = np.stack(fields)
    assert bound / 2 < np.abs(moved).max() <= bound + 0.3
    assert math.sqrt((moved**2).mean()) == pytest.approx(0.277 * bound, rel=0.15)
    # It is smooth: the slope of a cubic B-spline is √(2/9 · 151/315) of `amount`, as a root mean square.
    steps = moved[:, :, 4:] - moved[:, :, :-4]
    assert math.sqrt((steps**2).mean()) == pytest.approx(4 * 0.326 * amount, rel=0.15)


@pytest.mark.parametrize(("kind", "sign"), [("barrel", 1), ("pincushion", -1)])
def test_lens_distortion_is_the_radial_polynomial(kind: str, sign: int) -> None:
    params: Params = {"amount": 0.1, "kind": kind, "centre_x": 0.3, "centre_y": -0.2}
    dx, dy = displacement("lens_distortion", params)
    x, y = (part / 65 for part in centred())
    u, v = x - 0.3, y + 0.2

    def radial(a: np.ndarray) -> np.ndarray:
        return a * (u * u + v * v)

    middle = np.s_[32, 32]
    unit_x, unit_y = radial(u) - radial(u)[middle], radial(v) - radial(v)[middle]
    k = sign * 0.1 * 65 / max(np.abs(unit_x).max(), np.abs(unit_y).max())
    assert np.abs(dx - k * unit_x).max() < 0.5
    assert np.abs(dy - k * unit_y).max() < 0.5
    assert max(abs(dx[middle]), abs(dy[middle])) < 0.3


def test_lens_distortion_keeps_to_its_margin() -> None:
    whole = views(60)[0]
    for centre in ((0.0, 0.0), (1.25, 1.25), (-1.25, 0.4)):
        for later in (0, 32):
            params: Params = {"amount": 0.16, "kind": "barrel", "centre_x": centre[0], "centre_y": centre[1]}
            op = operator("lens_distortion")
            margin = math.ceil(op.margin(64, params) * (1 + 2 * later / 64))
            inner = 60 - margin - later
            image = whole.image[inner : len(whole.image) - inner, inner : len(whole.image) - inner]
            narrow = op(View(np.ascontiguousarray(image), margin, (64, 64)), params)
            wide = op(View(whole.image, 60 - later, (64, 64)), params)
            assert np.array_equal(narrow, wide)


def test_ripple_is_a_sine_wave() -> None:
    params: Params = {"amount": 0.1, "wavelength": 0.5, "angle": 30.0, "swing": 130.0, "phase": 70.0}
    dx, dy = displacement("ripple", params)
    x, y = centred()
    along = x * math.cos(math.radians(30)) + y * math.sin(math.radians(30))
    wave = 0.1 * 32.5 * np.sin(2 * np.pi * along / 32.5 + math.radians(70))
    assert np.abs(dx - wave * math.cos(math.radians(130))).max() < 0.3
    assert np.abs(dy - wave * math.sin(math.radians(130))).max() < 0.3


def test_row_jitter_moves_each_row_by_its_own_normal_shift() -> None:
    dx, dy = displacement("row_jitter", {"sigma": 2.0, "rows_seed": 3})
    assert np.ptp(dx, axis=1).max() <= 0.5
    assert not dy.any()
    shifts = np.concatenate([displacement("row_jitter", {"sigma": 2.0, "rows_seed": i})[0][:, 0] for i in range(8)])
    assert shifts.std() == pytest.approx(2.0, rel=0.1)
    assert np.abs(shifts).max() <= 6.25


def test_radial_chromatic_aberration_scales_red_and_blue_about_the_optical_centre() -> None:
    params: Params = {"amount": 0.1, "larger": "red", "distance": 0.25, "angle": 90.0}
    view = views(10)[0]
    smooth = View(cv2.GaussianBlur(view.image, (0, 0), 2), 10, (64, 64))
    result = operator("radial_chromatic_aberration")(smooth, params)
    assert np.array_equal(result[..., 1], smooth.centre[..., 1])
    growth = 0.1 / (0.25 + math.sqrt(0.5))
    for channel, step in ((0, 1 - growth), (2, 1 + growth)):
        centre = np.array([41.5, 41.5 + 16])
        scaling = skimage.transform.AffineTransform(scale=step, translation=(1 - step) * centre)
        expected = skimage.transform.warp(smooth.image[..., channel], scaling, order=1, preserve_range=True)
        assert np.abs(result[..., channel] - expected[10:-10, 10:-10]).max() < 2
    # At the optical centre, 16 px below the middle, nearly nothing moves.
    moved = np.abs(result.astype(int) - smooth.centre)
    assert moved[47:49, 31:33].mean() < moved.mean() / 4


def test_jitter_is_that_of_kadid() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = [], []
    for i, view in enumerate(natural_views(6, 64, 30)):
        image = view.image
        y, x = np.mgrid[0 : len(image), 0 : len(image)].astype(np.float32)
        for _ in range(5):
            dy, dx = rng.normal(0, 0.5, (2, *image.shape[:2])).astype(np.float32)
            image = cv2.remap(image, x + dx, y + dy, cv2.INTER_LINEAR)
        theirs.append(np.square(image[30:-30, 30:-30].astype(float) - view.centre).mean())
        ours.append(
            np.square(operator("jitter")(view, {"sigma": 0.5, "field_seed": i}).astype(float) - view.centre).mean()
        )
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.06)


def test_jitter_draws_pixels_from_near_by_only() -> None:
    dx, dy = displacement("jitter", {"sigma": 0.6, "field_seed": 1})
    assert 1 < max(np.abs(dx).max(), np.abs(dy).max()) <= 5 * 2.5 * 0.6
    assert max(abs(dx.mean()), abs(dy.mean())) < 0.1


def test_block_shift_copies_whole_blocks_from_near_by() -> None:
    view = views(8)[1]
    params: Params = {"share": 1e-3, "distance": 8, "block": 12}
    for seed in range(6):
        result = operator("block_shift")(view, {**params, "blocks_seed": seed})
        changed = (result != view.centre).any(axis=2)
        # One block lies in the patch, others may reach into it.
        _, parts = cv2.connectedComponents(cv2.dilate(changed.astype(np.uint8), np.ones((3, 3))))
        changed &= parts == np.bincount(parts[changed]).argmax()
        top, left = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
        assert np.ptp(top) < 12
        assert np.ptp(left) < 12
        block = result[top[0] : top[-1] + 1, left[0] : left[-1] + 1]
        sources = [
            view.image[8 + top[0] + dy :, 8 + left[0] + dx :][: block.shape[0], : block.shape[1]]
            for dy in range(-8, 9)
            for dx in range(-8, 9)
            if dy and dx
        ]
        assert any(np.array_equal(block, source) for source in sources)


def test_block_shift_covers_the_stated_share() -> None:
    covered = []
    for seed in range(20):
        noise = np.random.default_rng(seed).integers(0, 256, (80, 80, 3), np.uint8)
        view = View(noise, 8, (64, 64))
        result = operator("block_shift")(view, {"share": 0.5, "distance": 8, "block": 8, "blocks_seed": seed})
        covered.append((result != view.centre).any(axis=2).mean())
    # Blocks overlap: random places leave exp(−share) of the area free.
    assert np.mean(covered) == pytest.approx(1 - math.exp(-0.5), abs=0.03)
