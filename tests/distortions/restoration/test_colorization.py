"""Colorizations against dense solutions, closed forms and invariants."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import operator
from bappsmith.distortions.functional.colour_hints import Hints, decolour, hint_positions, nearest_hint, recolour
from bappsmith.distortions.functional.propagate import neighbour_weights, propagate
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.distortions.view import with_margin
from bappsmith.pipeline.planning.degradation import partners

NAMES = ("levin_colorization", "regression_colorization", "hint_diffusion", "nearest_hint")
KEEPS_HINTS = ("levin_colorization", "hint_diffusion", "nearest_hint")
PARAMS = {"spacing": 9.0, "hints_seed": 5}


def luma(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float64) @ (0.299, 0.587, 0.114)


def test_hints_at_every_pixel_give_the_image_back():
    image = np.random.Generator(np.random.Philox(1)).integers(0, 256, (24, 31, 3), dtype=np.uint8)
    hints = decolour(image, np.ones((24, 31), np.bool_))
    assert np.abs(recolour(hints.grey, hints.chroma).astype(int) - image).max() <= 2
    for name in KEEPS_HINTS:
        estimate = operator(name).chroma(hints, with_margin(natural_views(1, 24)[0], 0), 1.0)
        assert np.allclose(estimate, hints.chroma, atol=1e-4), name


@pytest.mark.parametrize("name", NAMES)
def test_a_grey_image_stays_grey(name: str):
    grey = natural_patches(1)[0][..., :1].repeat(3, axis=2)
    assert np.abs(operator(name)(grey, PARAMS).astype(int) - grey).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_luma_is_kept_and_an_even_colour_found(name: str):
    grey = natural_patches(1)[0][..., 1] // 2 + 60
    even = np.stack((grey + 30, grey, grey - 40), axis=2).astype(np.uint8)
    result = operator(name)(even, PARAMS)
    assert np.abs(luma(result) - luma(even)).max() <= 1.5
    assert np.abs(result.astype(int) - even).max() <= (2 if name in KEEPS_HINTS else 6)


def test_two_regions_with_a_hint_each_keep_their_colours():
    """Levin et al. 2004: colour stops where the luma changes."""
    grey = np.full((12, 16), 60, np.uint8)
    grey[:, 8:] = 180
    known, chroma = np.zeros((12, 16), np.bool_), np.zeros((12, 16, 2), np.float32)
    known[5, 1] = known[3, 14] = True
    chroma[5, 1], chroma[3, 14] = (40, -20), (-30, 50)
    solved = propagate(Hints(grey, known, chroma))
    assert np.abs(solved[:, :7] - (40, -20)).max() < 1
    assert np.abs(solved[:, 9:] - (-30, 50)).max() < 1


def test_the_sparse_system_is_the_dense_one():
    patch = natural_patches(1)[0][:11, :14]
    known = np.random.Generator(np.random.Philox(2)).random((11, 14)) < 0.1
    hints = decolour(patch, known)
    system, right = np.zeros((154, 154)), hints.chroma.reshape(-1, 2).astype(np.float64)
    for i in range(11):
        for j in range(14):
            row = 14 * i + j
            system[row, row] = 1
            if known[i, j]:
                continue
            around = [
                (a, b)
                for a in range(i - 1, i + 2)
                for b in range(j - 1, j + 2)
                if (a, b) != (i, j) and 0 <= a < 11 and 0 <= b < 14
            ]
            squares = np.array([(float(hints.grey[a, b]) - float(hints.grey[i, j])) ** 2 for a, b in around])
            window = [float(hints.grey[a, b]) for a, b in (*around, (i, j))]
            spread = max(0.6 * np.var(window), squares.min() / np.log(100), 2e-6 * 255**2)
            weights = np.exp(-squares / spread)
            for (a, b), weight in zip(around, weights / weights.sum(), strict=True):
                system[row, 14 * a + b] = -weight
    expected = np.linalg.solve(system, right)
    assert np.abs(propagate(hints).reshape(-1, 2) - expected).max() < 1e-3


def test_weights_sum_to_one():
    assert np.allclose(neighbour_weights(natural_patches(1)[0][..., 1]).sum(axis=0), 1)


def test_nearest_hint_is_the_nearest():
    known = np.zeros((20, 30), np.bool_)
    places = [(2, 3), (15, 8), (9, 25)]
    chroma = np.zeros((20, 30, 2), np.float32)
    for number, (row, column) in enumerate(places):
        known[row, column], chroma[row, column] = True, number
    found = nearest_hint(Hints(np.zeros((20, 30), np.uint8), known, chroma))[..., 0]
    rows, columns = np.mgrid[:20, :30]
    distances = np.stack([np.hypot(rows - row, columns - column) for row, column in places])
    clear = np.sort(distances, axis=0)
    clear = clear[1] > 1.05 * clear[0]  # OpenCV's distance is approximate
    assert np.array_equal(found[clear], distances.argmin(axis=0)[clear])


@pytest.mark.parametrize("spacing", [2.5, 9.0, 30.0])
def test_hints_do_not_depend_on_the_size_of_the_view(spacing: float):
    view = natural_views(1, 64, 60)[0]
    large = hint_positions(view, spacing, 3)
    small = hint_positions(with_margin(view, 41), spacing, 3)
    assert np.array_equal(large[19:-19, 19:-19], small)
    assert abs(large.mean() * spacing**2 - 1) < 0.35


def test_fewer_hints_are_part_of_more():
    view = natural_views(1, 64, 60)[0]
    many, few, fewest = (hint_positions(view, spacing, 4) for spacing in (3.0, 12.0, 500.0))
    assert not (few & ~many).any()
    assert few.sum() > fewest.sum() == 1


def test_all_can_be_given_the_same_hints():
    assert {name: set(others) for name, others in partners(NAMES).items()} == {
        name: set(NAMES) - {name} for name in NAMES
    }


def test_more_hints_are_closer():
    views = natural_views(3, 32, 40)
    for name in NAMES:
        errors = [
            np.mean(
                [np.abs(operator(name)(v, {"spacing": s, "hints_seed": 1}).astype(float) - v.centre) for v in views]
            )
            for s in (3.0, 20.0)
        ]
        assert errors[0] < errors[1], name
