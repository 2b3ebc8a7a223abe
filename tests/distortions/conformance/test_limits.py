"""Every built-in operator keeps the limits of its figures, and every limit can be exceeded."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from bappsmith.distortions import Distortion, Image, Nuisance, Severity, View, operator, operators
from bappsmith.distortions.conformance import Figures, check_operator, examine, exceeded_limits, figures, measure
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.manifests.schema.call import Params

from .slow_operators import FEWER_PATCHES, SLOW_FIGURES, each_operator


def fewer_views(side: int, count: int, margin: int) -> list[View]:
    """A quarter of the patches. A frame, a mirror or a grid is in each of them, so every limit can be exceeded."""
    return natural_views(count // 4, side, margin)


@pytest.mark.parametrize("name", each_operator(slow=SLOW_FIGURES))
def test_every_operator_keeps_its_limits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = operator(name)
    if reason := op.unavailable():
        pytest.skip(reason)
    if name in FEWER_PATCHES:
        monkeypatch.setattr(figures, "_views", fewer_views)
    assert list(exceeded_limits(op, measure(op))) == []


def test_slow_names_are_those_of_operators() -> None:
    assert set(operators()) >= FEWER_PATCHES


@pytest.mark.slow
def test_an_operator_that_runs_networks_keeps_its_limits() -> None:
    assert list(exceeded_limits(operator("untrained_network"), measure(operator("untrained_network")))) == []


class Blur(Distortion):
    """Box blur with real surroundings; what the broken ones below are made from."""

    source = "tests"
    radius = Severity(mild=1, severe=5, unit="px", whole=True)

    def margin(self, side: int, params: Params) -> int:
        return params["radius"]

    def apply(self, view: View, *, radius: int) -> Image:
        blurred = cv2.blur(view.image, (2 * radius + 1, 2 * radius + 1))
        return np.asarray(blurred[view.margin : -view.margin, view.margin : -view.margin], np.uint8)


class MarginTooSmall(Blur):
    """Asks for one pixel in place of its radius."""

    def margin(self, side: int, params: Params) -> int:
        return 1


class UnusedMargin(Blur):
    """Asks for a margin and mirrors all the same."""

    def apply(self, view: View, *, radius: int) -> Image:
        return np.asarray(cv2.blur(view.centre, (2 * radius + 1, 2 * radius + 1)), np.uint8)


class NoMargin(Distortion):
    """Mirrors by itself."""

    source = "tests"
    radius = Severity(mild=1, severe=5, unit="px", whole=True)

    def apply(self, image: Image, *, radius: int) -> Image:
        return np.asarray(cv2.blur(image, (2 * radius + 1, 2 * radius + 1)), np.uint8)


class Frame(NoMargin):
    """Pads with zeros, as networks do."""

    def apply(self, image: Image, *, radius: int) -> Image:
        size = (2 * radius + 1, 2 * radius + 1)
        return np.asarray(cv2.blur(image, size, borderType=cv2.BORDER_CONSTANT), np.uint8)


class MirroredShift(Distortion):
    """Moves by a share of the patch, and mirrors by itself."""

    source = "tests"
    distance = Severity(mild=0.05, severe=0.25, unit="patch")

    def apply(self, image: Image, *, distance: float) -> Image:
        pixels = round(distance * image.shape[1])
        moved = cv2.copyMakeBorder(image, 0, 0, pixels, 0, cv2.BORDER_REFLECT_101)
        return np.ascontiguousarray(moved[:, : image.shape[1]])


class Blocks(Distortion):
    """Blocks of one colour that start at the corner."""

    source = "tests"
    amount = Severity(mild=0.2, severe=1.0, unit="of the way to the mean of the block")

    def apply(self, image: Image, *, amount: float) -> Image:
        height, width = image.shape[:2]
        small = cv2.resize(image, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
        blocks = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
        return np.rint(image + amount * (blocks.astype(np.float64) - image)).astype(np.uint8)


class BlocksAnywhere(Blocks):
    """The same with a drawn phase."""

    right = Nuisance(0, 7, unit="px", whole=True)
    down = Nuisance(0, 7, unit="px", whole=True)

    def margin(self, side: int, params: Params) -> int:
        return 16

    def apply(self, view: View, *, amount: float, right: int, down: int) -> Image:
        rows, columns = (math.ceil((side + 8) / 8) * 8 for side in view.shape)
        top, left = view.margin - down, view.margin - right
        blocks = super().apply(np.ascontiguousarray(view.image[top : top + rows, left : left + columns]), amount=amount)
        return blocks[down : down + view.shape[0], right : right + view.shape[1]]


class Meek(Blur):
    """Its severe end is hardly more than its mild one."""

    radius = Severity(mild=4, severe=5, unit="px", whole=True)


class BySize(Distortion):
    """Darkens large patches more."""

    source = "tests"
    amount = Severity(mild=0.1, severe=0.9, unit="levels per px of the patch")

    def apply(self, image: Image, *, amount: float) -> Image:
        return np.clip(image - amount * min(image.shape[:2]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (MarginTooSmall, "of the result depends on mirrored or padded pixels"),
        (UnusedMargin, "of the result depends on mirrored or padded pixels"),
        (NoMargin, "of the result depends on mirrored or padded pixels"),
        (MirroredShift, "of the result depends on mirrored or padded pixels"),
        (Frame, "the outermost ring of pixels is off"),
        (Blocks, "a grid stands at the same place"),
        (Meek, "severity changes little"),
        (BySize, "different errors at different sizes"),
    ],
)
@pytest.mark.parametrize("fewer", [False, True])
def test_every_limit_can_be_exceeded(
    broken: type[Distortion], words: str, fewer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fewer:
        monkeypatch.setattr(figures, "_views", fewer_views)
    lines = [line for line in exceeded_limits(broken(), measure(broken())) if words in line]
    assert len(lines) == 1
    assert "\n" not in lines[0]


@pytest.mark.parametrize("sound", [Blur, BlocksAnywhere])
def test_sound_operators_keep_the_limits(sound: type[Distortion]) -> None:
    assert check_operator(sound(), natural_patches(24)) == []


def test_published_ends_are_exempt_from_limits_on_severity() -> None:
    found = Figures(rim=1, mirror_share=0, phase=0, mild=10, severe=11, sizes=(1, 2, 3))

    class Published(Blur):
        calibrated = False

    assert len(list(exceeded_limits(Blur(), found))) == 2
    assert list(exceeded_limits(Published(), found)) == []
    assert len(list(exceeded_limits(Published(), replace(found, rim=2)))) == 1


def test_an_operator_that_fails_has_violations_and_no_figures() -> None:
    class Failing(Blur):
        def apply(self, view: View, *, radius: int) -> Image:
            raise RuntimeError("no\nway")

    violations, found = examine(Failing(), natural_patches(12))
    assert found is None
    assert any("RuntimeError: no way" in line for line in violations)
    assert not any("\n" in line for line in violations)
