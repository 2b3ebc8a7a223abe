"""The script that writes the yardstick, on measures made up here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yardstick
from fit_people import BEST, WHOLE
from kadid_types import TYPES
from measures import places

from bappsmith.pipeline.calibration.measures import MEASURES
from bappsmith.pipeline.calibration.people import read_people


def test_it_writes_a_sound_file_and_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yardstick, "DRAWS", 4)
    rng = np.random.default_rng(0)
    means = np.linspace(4.6, 1.4, 5) - rng.uniform(0, 0.3, (len(TYPES), 1))
    arrays = {
        f"{side}/{name}": np.exp(BEST - means + 0.1 * rng.normal(size=(4, *means.shape)))
        for side in (64, WHOLE)
        for name in MEASURES
    }
    for name in ("dev", "test"):
        np.savez(tmp_path / f"{name}.npz", means=means, probe=2.5, **arrays)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{yardstick.MARKS[0]}\nold\n{yardstick.MARKS[1]}\nafter\n")
    files = [str(tmp_path / name) for name in ("dev.npz", "test.npz", "people.json")]
    yardstick.main([files[0], "--test", files[1], "--out", files[2], "--page", str(page)])
    people = read_people(tmp_path / "people.json")
    assert people.probe == 2.5
    assert set(people.general.knots) == {64, WHOLE}
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "\nold\n" not in text
    assert all(f"| {name} |" in text for name in MEASURES)


def test_places_are_inside_apart_and_repeat():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (192, 256, 3)).astype(np.uint8)
    for side, count in ((64, 4), (128, 2)):
        spots = places(image, 3, side)
        assert len(spots) == count
        assert spots == places(image, 3, side)
        assert all(0 <= y <= 192 - side and 0 <= x <= 256 - side for y, x in spots)
