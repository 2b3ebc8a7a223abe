"""Quantization against its definitions, Pillow and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from bappsmith.distortions import Image, operator
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.quantization.ordered_dither import bayer_matrix

PATCH = natural_patches(1)[0]
RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(16, axis=0)


@pytest.mark.parametrize(("step", "offset"), [(32.0, 0.0), (32.0, 0.3), (51.0, 0.75)])
def test_posterized_values_are_at_most_half_a_step_away(step: float, offset: float) -> None:
    result = operator("posterize").apply(RAMP, step=step, offset=offset)
    levels = np.unique(result)
    assert np.abs(result.astype(float) - RAMP).max() <= step / 2 + 0.5
    assert np.diff(levels.astype(float))[1:-1] == pytest.approx(step, abs=1)
    assert len(levels) in (int(255 / step) + 1, int(255 / step) + 2)
    assert (np.diff(result[0, :, 0].astype(int)) >= 0).all()


def test_the_steps_of_posterize_start_anywhere() -> None:
    edges = {
        tuple(np.flatnonzero(np.diff(operator("posterize").apply(RAMP, step=50.0, offset=o)[0, :, 0])))
        for o in np.linspace(0, 0.98, 25)
    }
    assert len(edges) == 25


def palette(image: Image, colours: int, dithered: bool) -> Image:
    return operator("palette")(image, {"colours": colours, "dithered": dithered})


@pytest.mark.parametrize("dithered", [False, True])
@pytest.mark.parametrize("colours", [3, 16, 60])
def test_a_palette_has_no_more_colours(colours: int, dithered: bool) -> None:
    result = palette(PATCH, colours, dithered)
    assert len(np.unique(result.reshape(-1, 3), axis=0)) <= colours


def test_without_dithering_every_pixel_has_the_nearest_colour() -> None:
    result = palette(PATCH, 12, False)
    table = np.unique(result.reshape(-1, 3), axis=0).astype(int)
    squares = ((PATCH[:, :, None].astype(int) - table) ** 2).sum(axis=3)
    own = ((PATCH.astype(int) - result) ** 2).sum(axis=2)
    # Pillow looks up the nearest colour of one of each 4×4×4 levels: the way there and back is lost at most.
    assert (np.sqrt(own) <= np.sqrt(squares.min(axis=2)) + 2 * np.sqrt(3) * 3).all()
    assert (own == squares.min(axis=2)).mean() > 0.8


def test_few_of_all_pixels_choose_colours_as_well_as_pillow_does_with_all() -> None:
    for view in natural_views(4, 64, 16):
        ours = operator("palette")(view, {"colours": 16, "dithered": False})
        pillow = Pillow.fromarray(view.centre).quantize(16, Pillow.Quantize.MEDIANCUT, dither=Pillow.Dither.NONE)
        errors = [
            np.sqrt(((a.astype(float) - view.centre) ** 2).mean()) for a in (ours, np.array(pillow.convert("RGB")))
        ]
        assert errors[0] < 1.6 * errors[1]


def test_dithering_keeps_local_means_better() -> None:
    from skimage.measure import block_reduce

    errors = []
    for dithered in (False, True):
        difference = palette(RAMP, 5, dithered).astype(float) - RAMP
        errors.append(np.sqrt((block_reduce(difference, (8, 8, 1), np.mean) ** 2).mean()))
    assert errors[1] < 0.6 * errors[0]


def test_a_dither_matrix_is_bayers() -> None:
    assert bayer_matrix(2).tolist() == [[0, 2], [3, 1]]
    assert bayer_matrix(4).tolist() == [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]
    assert sorted(bayer_matrix(8).ravel()) == list(range(64))


@pytest.mark.parametrize("side", [2, 4, 8])
@pytest.mark.parametrize("levels", [2, 3, 7, 40])
def test_ordered_dither_is_its_definition(levels: int, side: int) -> None:
    result = operator("ordered_dither").apply(PATCH, levels=levels, side=side, row_phase=3, column_phase=6)
    rows, columns = np.indices(PATCH.shape[:2])
    threshold = (bayer_matrix(side)[(rows + 3) % side, (columns + 6) % side] + 0.5) / side**2
    index = np.floor(PATCH / 255 * (levels - 1) + threshold[..., None] + 1e-9)
    assert np.array_equal(result, np.floor(index * 255 / (levels - 1) + 0.5))


def test_ordered_dither_keeps_the_mean_of_a_uniform_image() -> None:
    for level in (10, 100, 200):
        grey = np.full((64, 64, 3), level, np.uint8)
        result = operator("ordered_dither").apply(grey, levels=2, side=8, row_phase=1, column_phase=2)
        assert result.mean() == pytest.approx(level, abs=255 / 64)


def diffused(image: Image, levels: int) -> Image:
    return operator("error_diffusion_dither")(image, {"levels": levels})


def test_with_two_levels_errors_are_spread_as_in_pillow() -> None:
    view = natural_views(1, 48, 8)[0]
    ours = operator("error_diffusion_dither")(view, {"levels": 2})
    for channel in range(3):
        plane = Pillow.fromarray(view.image[..., channel].copy()).convert("1")
        assert np.array_equal(ours[..., channel], np.asarray(plane.convert("L"))[8:-8, 8:-8])


@pytest.mark.parametrize("levels", [2, 3, 6, 30])
def test_errors_are_spread_between_the_two_levels_around_a_value(levels: int) -> None:
    result, step = diffused(PATCH, levels), 255 / (levels - 1)
    assert np.abs(result / step - np.rint(result / step)).max() < 0.51 / step
    assert np.abs(result.astype(float) - PATCH).max() <= step + 0.5
    for level in (30, 128, 230):
        grey = np.full((64, 64, 3), level, np.uint8)
        assert diffused(grey, levels).mean() == pytest.approx(level, abs=0.03 * step + 0.5)


@pytest.mark.parametrize("levels", [2, 5, 30])
def test_black_and_white_stay(levels: int) -> None:
    for level in (0, 255):
        image = np.full((16, 16, 3), level, np.uint8)
        assert np.array_equal(diffused(image, levels), image)
