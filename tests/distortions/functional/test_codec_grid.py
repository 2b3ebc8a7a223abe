"""Where a codec's grid of blocks starts, and what the codec receives."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Image, View
from bappsmith.distortions.functional.codec_grid import on_grid

SCENE = np.random.default_rng(5).integers(0, 256, (60, 60, 3), dtype=np.uint8)
VIEW = View(SCENE, 20, (20, 20))


def corners(block: int):
    """A codec that marks the upper left pixel of its blocks in white, and everything else in black."""

    def code(image: Image) -> Image:
        marked = np.zeros_like(image)
        marked[::block, ::block] = 255
        return marked

    return code


@pytest.mark.parametrize("phase", [(0, 0), (3, 7), (7, 1)])
@pytest.mark.parametrize("guard", [0, 8])
def test_blocks_start_the_phase_before_the_patch(phase: tuple[int, int], guard: int) -> None:
    marks = np.argwhere(on_grid(VIEW, 8, phase, corners(8), guard=guard)[..., 0])
    assert {tuple(mark % 8) for mark in marks} == {((-phase[0]) % 8, (-phase[1]) % 8)}


@pytest.mark.parametrize(("unit", "side"), [(None, 32), (8, 24), (4, 24)])
def test_the_codec_receives_whole_units_of_the_photograph(unit: int | None, side: int) -> None:
    seen: list[Image] = []

    def code(image: Image) -> Image:
        seen.append(image)
        return image

    result = on_grid(VIEW, 16, (3, 2), code, unit=unit)
    assert np.array_equal(result, VIEW.centre)
    assert seen[0].shape == (side, side, 3)
    assert np.array_equal(seen[0], SCENE[17 : 17 + side, 18 : 18 + side])
    assert seen[0].flags.c_contiguous


def test_a_guard_is_coded_and_cut_off() -> None:
    seen: list[Image] = []

    def code(image: Image) -> Image:
        seen.append(image)
        return image

    assert np.array_equal(on_grid(VIEW, 4, (0, 0), code, guard=6), VIEW.centre)
    assert np.array_equal(seen[0], SCENE[14:46, 14:46])
