"""Figures of operators whose true values are known."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions import Distortion, Draws, Image, Nuisance, Severity, View, operator
from bappsmith.distortions.conformance.measures import distances, mirror_share, phase, rim, sizes
from bappsmith.distortions.patches import natural_views
from bappsmith.manifests.schema.call import Params

VIEWS = natural_views(6, 64, 88)


class RingOff(Distortion):
    """Changes the ring three times as far as the rest."""

    amount = Severity(mild=1, severe=4, unit="levels")

    def apply(self, image: Image, *, amount: float) -> Image:
        half = image // 2 + 64  # away from both ends: nothing is clipped
        error = np.full(image.shape, round(amount))
        error[[0, -1]] *= 3
        error[1:-1, [0, -1]] *= 3
        return (half + error).astype(np.uint8)


class Displaced(Distortion):
    """Moves right by whole pixels; as many columns as are missing are mirrored."""

    pixels = Severity(mild=0, severe=20, unit="px", whole=True)

    def apply(self, image: Image, *, pixels: int) -> Image:
        return np.pad(image, ((0, 0), (pixels, 0), (0, 0)), mode="reflect")[:, : image.shape[1]].copy()


class Stripes(Distortion):
    """Adds stripes of a known period that start at `start`: rows, or columns."""

    amount = Severity(mild=1, severe=20, unit="levels")

    def __init__(self, period: int, drawn: bool = False, columns: bool = False) -> None:
        self.period, self.columns = period, columns
        self.parameters = (
            {**self.parameters, "start": Nuisance(0, period - 1, "px", whole=True)} if drawn else (self.parameters)
        )

    def apply(self, image: Image, *, amount: float, start: int = 0) -> Image:
        light = (np.arange(len(image)) + start) % self.period < self.period // 2  # the patches are square
        error = np.where(light, amount, 0)
        return (image // 2 + 64 + (error[None, :, None] if self.columns else error[:, None, None])).astype(np.uint8)


def test_the_rim_is_the_ratio_of_errors() -> None:
    flat = [View(np.full_like(view.image, 128), view.margin, view.patch) for view in VIEWS]
    assert rim(RingOff(), flat, 1.0) == pytest.approx(3.0)
    assert rim(operator("shift"), flat, 1.0) == 1.0  # nothing changes


def test_the_mirror_share_is_the_share_of_columns_that_are_missing() -> None:
    assert mirror_share(Displaced(), VIEWS, 1.0) == pytest.approx(20 / 64, abs=0.01)
    assert mirror_share(Displaced(), VIEWS, 0.1) == pytest.approx(2 / 64, abs=0.02)
    assert mirror_share(operator("shift"), VIEWS, 1.0) == 0


def test_the_mirror_share_of_noise_cannot_be_measured() -> None:
    assert mirror_share(operator("pink_noise"), VIEWS, 1.0) is None


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("period", [4, 8, 16])
def test_the_phase_shows_any_period_unless_it_is_drawn(period: int, columns: bool) -> None:
    flat = [View(np.full_like(view.image, 128), view.margin, view.patch) for view in VIEWS]
    fixed = phase(Stripes(period, columns=columns), flat, 1.0)
    assert phase(Stripes(period, drawn=True, columns=columns), flat, 1.0) < fixed / 3
    assert fixed > 0.5


def test_sizes_are_of_the_same_pixels() -> None:
    views = natural_views(3, 128, 16)
    small, large = sizes(operator("context_darken"), views, 0.5, (64, 128))
    assert small == pytest.approx(large, rel=1e-6)


def test_distances_are_root_mean_squares() -> None:
    op = operator("lightness_shift")
    expected = [
        np.sqrt(((op(view, op.sample(0.7, Draws(i))).astype(float) - view.centre) ** 2).mean())
        for i, view in enumerate(VIEWS)
    ]
    assert distances(op, VIEWS, 0.7) == pytest.approx(expected)


def test_an_operator_sees_the_size_of_the_patch() -> None:
    sides: list[int] = []

    class Curious(RingOff):
        def sample(self, severity: float, draws: Draws, side: int = 64) -> Params:
            sides.append(side)
            return super().sample(severity, draws, side)

    sizes(Curious(), natural_views(1, 128, 0), 0.5, (32, 64, 128))
    assert sides == [32] * 16 + [64] * 4 + [128]
