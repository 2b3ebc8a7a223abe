"""Compression against Pillow, and the position of its grid."""

from __future__ import annotations

import io
import math
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage

from bappsmith.distortions import Draws, Image, View, operator
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.manifests.schema.call import Params

PATCH = natural_patches(1)[0]


def jpeg(
    image: Image | View, quality: int, sampling: str = "4:2:0", row_phase: int = 0, column_phase: int = 0
) -> Image:
    phases = {"row_phase": row_phase, "column_phase": column_phase}
    return operator("jpeg")(image, {"quality": quality, "sampling": sampling, **phases})


def by_pillow(image: Image, quality: int, sampling: str) -> Image:
    file = io.BytesIO()
    PillowImage.fromarray(image).save(file, "JPEG", quality=quality, subsampling=sampling)
    return np.asarray(PillowImage.open(file))


def mean_difference(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(int) - b).mean())


@pytest.mark.parametrize("sampling", ["4:2:0", "4:4:4"])
@pytest.mark.parametrize("quality", [5, 20, 75])
def test_jpeg_at_phase_0_is_the_plain_codec(quality: int, sampling: str) -> None:
    expected = by_pillow(PATCH, quality, sampling)
    # Both are libjpeg; a level or two is left to their colour conversions.
    result = jpeg(PATCH, quality, sampling)
    assert mean_difference(result, expected) < 1
    swapped = jpeg(PATCH[..., ::-1], quality, sampling)[..., ::-1]
    assert mean_difference(swapped, expected) > mean_difference(result, expected)
    other = by_pillow(PATCH, quality, "4:4:4" if sampling == "4:2:0" else "4:2:0")
    assert mean_difference(result, other) > mean_difference(result, expected)


@pytest.mark.parametrize(("sampling", "rows", "columns"), [("4:2:0", 11, 3), ("4:2:0", 0, 8), ("4:4:4", 5, 0)])
def test_a_phase_is_a_patch_of_a_larger_jpeg(sampling: str, rows: int, columns: int) -> None:
    large = natural_patches(1, size=128)[0]
    whole = by_pillow(large, 20, sampling)[16 + rows : 80 + rows, 16 + columns : 80 + columns]
    patch = View(large[rows : 96 + rows, columns : 96 + columns], 16, (64, 64))
    difference = np.abs(jpeg(patch, 20, sampling, rows, columns).astype(int) - whole)
    # But for the outermost pixels, whose chroma is interpolated with the next block.
    assert difference[1:-1, 1:-1].mean() < 1
    assert difference.mean() < 1.2
    assert mean_difference(jpeg(patch, 20, sampling), whole) > 2


@pytest.mark.parametrize("height", [8, 9, 31])
@pytest.mark.parametrize("phase", [0, 7, 15])
def test_small_and_odd_patches_keep_their_position(height: int, phase: int) -> None:
    ramp = np.repeat(np.linspace(40, 200, height).astype(np.uint8)[:, None, None], 3, axis=2).repeat(21, axis=1)
    assert mean_difference(jpeg(ramp, 90, "4:2:0", phase, 0), ramp) < 4
    turned = ramp.transpose(1, 0, 2)
    assert mean_difference(jpeg(turned, 90, "4:2:0", 0, phase), turned) < 4


def test_seams_between_blocks_lie_anywhere() -> None:
    """A grid that always starts at the corner is one that a metric can learn in place of what people see."""
    op, patches = operator("jpeg"), natural_patches(8)
    seams = np.zeros(63)
    for key in range(160):
        params = {**op.sample(1.0, Draws(key)), "quality": 8}
        result = op(patches[key % 8], params).astype(float)
        seams += np.abs(np.diff(result, axis=0)).mean(axis=(1, 2))
    by_residue = [seams[residue::8].mean() for residue in range(8)]
    assert max(by_residue) / min(by_residue) < 1.2


@pytest.mark.parametrize("quality", [10, 40])
def test_the_border_of_a_patch_has_no_more_error_than_the_rest(quality: int) -> None:
    op, squares = operator("jpeg"), np.zeros((64, 64))
    for key, view in enumerate(natural_views(60, margin=16)):
        change = op(view, {**op.sample(0.5, Draws(key)), "quality": quality}).astype(float) - view.centre
        squares += (change * change).sum(axis=2)
    inner = squares[4:-4, 4:-4].mean()
    rim = (squares.sum() - squares[1:-1, 1:-1].sum()) / (64 * 64 - 62 * 62)
    assert 0.8 < math.sqrt(rim / inner) < 1.1


def test_drawn_phases_cover_a_block_of_the_sampling() -> None:
    op = operator("jpeg")
    drawn = [op.sample(0.5, Draws(key)) for key in range(2000)]
    for sampling, block in (("4:2:0", 16), ("4:4:4", 8)):
        for name in ("row_phase", "column_phase"):
            assert {params[name] for params in drawn if params["sampling"] == sampling} == set(range(block))
    assert np.mean([params["sampling"] == "4:4:4" for params in drawn]) == pytest.approx(0.25, abs=0.04)


def test_jpeg_is_byte_for_byte_that_of_earlier_releases() -> None:
    """OpenCV alone, with the steps written out: another order of steps would change finished datasets."""
    view = natural_views(1, margin=20)[0]
    for quality, sampling, rows, columns in ((12, "4:2:0", 5, 9), (60, "4:4:4", 7, 0)):
        block, factor = {"4:2:0": (16, 0x221111), "4:4:4": (8, 0x111111)}[sampling]
        bottom, right = (84 + (-(phase + 64) % block) for phase in (rows, columns))
        whole = cv2.cvtColor(view.image[20 - rows : bottom, 20 - columns : right], cv2.COLOR_RGB2BGR)
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        decoded = cv2.imdecode(cv2.imencode(".jpg", whole, settings)[1], cv2.IMREAD_COLOR)
        assert decoded is not None
        expected = cv2.cvtColor(decoded[rows : rows + 64, columns : columns + 64], cv2.COLOR_BGR2RGB)
        assert np.array_equal(jpeg(view, quality, sampling, rows, columns), expected)


def phases(rows: int = 0, columns: int = 0) -> Params:
    return {"row_phase": rows, "column_phase": columns}


DOUBLE: Params = {
    "quality": 20,
    "better": 0.0,
    "worse_first": True,
    "first_sampling": "4:4:4",
    "first_row_phase": 0,
    "first_column_phase": 0,
    "second_sampling": "4:4:4",
    "second_row_phase": 0,
    "second_column_phase": 0,
}


def test_double_jpeg_is_one_jpeg_after_the_other() -> None:
    view = natural_views(1, margin=40)[0]
    params = {**DOUBLE, "better": 0.5, "worse_first": False, "first_row_phase": 3, "second_column_phase": 6}
    first = jpeg(View(view.image, 33, (64, 64)), 59, "4:4:4", (3 - 7) % 8, (0 - 7) % 8)
    expected = jpeg(View(first, 7, (64, 64)), 20, "4:4:4", 0, 6)
    assert np.array_equal(operator("double_jpeg")(view, params), expected)


def test_compressing_twice_on_one_grid_changes_little_more() -> None:
    once = jpeg(PATCH, 20, "4:4:4")
    assert mean_difference(operator("double_jpeg")(PATCH, DOUBLE), once) < 0.5
    assert mean_difference(operator("double_jpeg")(PATCH, {**DOUBLE, "second_row_phase": 4}), once) > 2


def large_scene(margin: int) -> tuple[Image, View]:
    """A photograph of 192 px, and the patch of 64 px at its centre with so much around it."""
    scene = natural_views(1, size=192)[0].image
    start = 64 - margin
    return scene, View(scene[start : start + 64 + 2 * margin, start : start + 64 + 2 * margin], margin, (64, 64))


@pytest.mark.parametrize(
    ("name", "params", "format_", "settings", "before", "after"),
    [
        ("webp", {"quality": 20}, "WEBP", {"quality": 20, "method": 4}, (3, 5), (13, 11)),
        ("avif", {"quality": 30}, "AVIF", {"quality": 30, "speed": 9, "subsampling": "4:2:0"}, (35, 6), (5, 2)),
        (
            "jpeg2000",
            {"psnr": 30.0},
            "JPEG2000",
            {"quality_mode": "dB", "quality_layers": [30.0], "irreversible": True, "num_resolutions": 5, "mct": 1},
            (3 + 16, 5 + 16),
            (13 + 16, 11 + 16),
        ),
    ],
)
def test_other_formats_are_those_of_pillow(
    name: str,
    params: Params,
    format_: str,
    settings: dict[str, Any],
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    """Pillow gets the patch with so many px before and after it: whole blocks, and a guard for JPEG 2000."""
    op = operator(name)
    if reason := op.unavailable():
        pytest.skip(reason)
    scene, view = large_scene(64)
    file = io.BytesIO()
    part = scene[64 - before[0] : 128 + after[0], 64 - before[1] : 128 + after[1]]
    PillowImage.fromarray(part).save(file, format_, **settings)
    decoded = np.asarray(PillowImage.open(file).convert("RGB"))
    expected = decoded[before[0] : before[0] + 64, before[1] : before[1] + 64]
    guard = 16 if name == "jpeg2000" else 0
    result = op(view, {**params, **phases(before[0] - guard, before[1] - guard)})
    assert mean_difference(result, view.centre) > 2
    assert mean_difference(result, expected) < 0.1


@pytest.mark.parametrize("psnr", [24.0, 32.0])
def test_jpeg2000_reaches_the_decibels(psnr: float) -> None:
    op, ratios = operator("jpeg2000"), []
    if reason := op.unavailable():
        pytest.skip(reason)
    for view in natural_views(12, margin=31):
        error = op(view, {"psnr": psnr, **phases(3, 9)}).astype(float) - view.centre
        ratios.append(10 * math.log10(255**2 / np.mean(error * error)))
    assert np.median(ratios) == pytest.approx(psnr, abs=1.5)


def subsampled(image: Image | View, **changes: Any) -> Image:
    params = {"factor": 4, "direction": "both", "upsampling": "nearest", **phases(), **changes}
    return operator("chroma_subsampling")(image, params)


def test_chroma_subsampling_averages_chroma_over_blocks() -> None:
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(int) for image in (PATCH, subsampled(PATCH)))
    assert np.abs(after[..., 0] - before[..., 0]).mean() < 1  # what is left: colours that no RGB has are clipped
    means = before[..., 1:].reshape(16, 4, 16, 4, 2).mean(axis=(1, 3)).repeat(4, 0).repeat(4, 1)
    assert np.abs(after[..., 1:] - means).mean() < 0.5 * np.abs(before[..., 1:] - means).mean()


def test_chroma_along_rows_keeps_the_rows_apart() -> None:
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[::2] = (200, 60, 60)
    stripes[1::2] = (60, 60, 200)
    assert mean_difference(subsampled(stripes, direction="row"), stripes) < 2
    assert mean_difference(subsampled(stripes), stripes) > 20


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
def test_chroma_subsampling_of_a_part_is_the_part_of_the_whole(upsampling: str) -> None:
    scene, view = large_scene(40)
    part = subsampled(view, factor=9, upsampling=upsampling, **phases(4, 2))
    whole = subsampled(scene, factor=9, upsampling=upsampling, **phases((4 - 64) % 9, (2 - 64) % 9))
    assert np.array_equal(part, whole[64:128, 64:128])


def test_grey_has_no_chroma_to_lose() -> None:
    grey = PATCH[..., 1:2].repeat(3, axis=2)
    assert np.abs(subsampled(grey, factor=24).astype(int) - grey).max() <= 1


def lost(image: Image | View, **changes: Any) -> Image:
    params = {"density": 0.25, "block": 8, "concealment": "grey", "seed": 3, **phases(), **changes}
    return operator("block_loss")(image, params)


def test_lost_blocks_are_a_share_of_the_area_and_stand_on_the_grid() -> None:
    grey = (lost(PATCH) == 128).all(axis=2).reshape(8, 8, 8, 8)
    assert grey.all(axis=(1, 3)).sum() == 16
    moved = (lost(PATCH, row_phase=3, column_phase=5) == 128).all(axis=2)
    whole = moved[5:61, 3:59].reshape(7, 8, 7, 8)
    assert np.array_equal(whole.all(axis=(1, 3)), whole.mean(axis=(1, 3)) > 0.5)
    assert whole.all(axis=(1, 3)).any()


def test_more_density_loses_the_same_blocks_and_more() -> None:
    few, many = ((lost(PATCH, density=density) != PATCH).any(axis=2) for density in (0.1, 0.4))
    assert (few <= many).all()
    assert few.sum() < many.sum()
    assert (lost(PATCH[:8, :8], density=0.01, block=16) == 128).all()  # at least one


def test_a_neighbour_is_the_block_to_the_left_in_the_photograph() -> None:
    view = natural_views(1, margin=40)[0]
    result, around = lost(view, density=1.0, concealment="neighbour"), view.image
    assert np.array_equal(result, around[40:104, 32:96])


def test_a_wrong_mean_moves_all_pixels_of_a_block_alike() -> None:
    middle = np.full((16, 16, 3), 120, np.uint8) + np.arange(16, dtype=np.uint8)[:, None, None] % 4
    errors = lost(middle, density=1.0, concealment="mean").astype(int) - middle
    blocks = errors.reshape(2, 8, 2, 8, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()
    assert len(np.unique(blocks[:, 0, :, 0], axis=None)) > 6


def test_more_density_loses_the_same_packets_and_more() -> None:
    op = operator("jpeg2000_loss")
    if reason := op.unavailable():
        pytest.skip(reason)
    view = natural_views(1, margin=39)[0]
    errors = [
        mean_difference(op(view, {"density": density, "seed": 5, **phases(9, 20)}), view.centre)
        for density in (0.01, 0.1, 0.35)
    ]
    assert errors == sorted(errors)
    assert errors[0] < 2
    assert errors[-1] > 8
