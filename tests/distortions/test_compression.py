"""Compression against Pillow, and the position of its grid."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image as PillowImage

from bappsmith.distortions import Draws, Image, operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


def jpeg(image: Image, quality: int, sampling: str = "4:2:0", row_phase: int = 0, column_phase: int = 0) -> Image:
    phases = {"row_phase": row_phase, "column_phase": column_phase}
    return operator("jpeg").apply(image, quality=quality, sampling=sampling, **phases)


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
    patch = large[16 + rows : 80 + rows, 16 + columns : 80 + columns]
    inner = slice(16, 48)  # blocks that lie inside of the patch: around it, the pixels are mirrored ones
    assert mean_difference(jpeg(patch, 20, sampling, rows, columns)[inner, inner], whole[inner, inner]) < 1
    assert mean_difference(jpeg(patch, 20, sampling)[inner, inner], whole[inner, inner]) > 2


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
        result = op.apply(patches[key % 8], **params).astype(float)
        seams += np.abs(np.diff(result, axis=0)).mean(axis=(1, 2))
    by_residue = [seams[residue::8].mean() for residue in range(8)]
    assert max(by_residue) / min(by_residue) < 1.2


@pytest.mark.parametrize("quality", [10, 40])
def test_the_border_of_a_patch_has_no_more_error_than_the_rest(quality: int) -> None:
    op, squares = operator("jpeg"), np.zeros((64, 64))
    for key, patch in enumerate(natural_patches(60)):
        change = op.apply(patch, **{**op.sample(0.5, Draws(key)), "quality": quality}).astype(float) - patch
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
