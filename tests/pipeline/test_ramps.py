"""Ladders of severity: one draw of nuisances, every operator but those that saturate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.distortions import registry
from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image as Pixels
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.ramps import SEVERITIES, make_ramps


class Brighter(Distortion):
    """Add a level to one channel."""

    source = "made up"
    level = Severity(mild=0, severe=50, unit="levels")
    shade = Nuisance(0.0, 10.0, unit="levels")

    def apply(self, image: Pixels, *, level: float, shade: float) -> Pixels:
        return np.clip(image + np.array([level, shade, 0.0]), 0, 255).astype(np.uint8)


class Saturated(Brighter):
    """The same, but it saturates."""

    saturates = True


class Context(Brighter):
    """The same, in a family whose ranges are no ramps."""

    family = "contexts"


@pytest.fixture
def few_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.operators()
    monkeypatch.setattr(registry, "_operators", {})
    registry.register(Brighter())
    registry.register(Saturated())
    registry.register(Context())


@pytest.mark.usefixtures("few_operators")
def test_severity_rises_and_all_else_stays(photos: Path):
    ladders = make_ramps(photos)
    assert {ladder.operator for ladder in ladders} == {"brighter"}
    assert [ladder.photograph for ladder in ladders] == list(range(len(ladders)))
    shades = set()
    for ladder in ladders:
        assert len(ladder.steps) == len(SEVERITIES) == 5
        assert ladder.reference.shape == (64, 64, 3)
        dark = (ladder.reference < 190).all(axis=2)
        added = [(step.astype(int) - ladder.reference)[dark] for step in ladder.steps]
        assert [int(one[0, 0]) for one in added] == [10, 20, 30, 40, 50]
        assert len({int(one[0, 1]) for one in added}) == 1
        shades.add(int(added[0][0, 1]))
    assert len(shades) > 1 or len(ladders) == 1
    again = make_ramps(photos)
    assert all(np.array_equal(one.steps, two.steps) for one, two in zip(ladders, again, strict=True))


@pytest.mark.usefixtures("few_operators")
def test_photographs_without_a_patch_are_refused(tmp_path: Path):
    Image.new("RGB", (200, 200)).save(tmp_path / "flat.png")
    with pytest.raises(BappsmithError, match="no photograph has a patch of 64 px that is not flat"):
        make_ramps(tmp_path)
