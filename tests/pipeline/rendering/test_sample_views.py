"""Patches of a person's photographs for strips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.rendering.sample_views import sample_views


def test_each_photograph_gives_a_patch_with_its_surroundings(tmp_path: Path) -> None:
    ramp = np.add.outer(np.arange(300), np.arange(400)).astype(float) * 255 / 698
    for number in range(3):
        image = np.dstack([ramp, ramp.max() - ramp, np.full_like(ramp, 60 * number)]).astype(np.uint8)
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    views = sample_views(str(tmp_path), 2, 64, 16)
    assert [view.centre[0, 0, 2] for view in views] == [0, 60]
    assert all(view.image.shape == (96, 96, 3) for view in views)
    again = sample_views(str(tmp_path), 2, 64, 16)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(views, again, strict=True))


def test_a_flat_crop_is_taken_only_where_all_are_flat(tmp_path: Path) -> None:
    image = np.zeros((64, 2000, 3), np.uint8)
    image[:, 600:, :] = np.arange(1400)[None, :, None] % 256
    Image.fromarray(image).save(tmp_path / "a.png")
    Image.new("RGB", (100, 100)).save(tmp_path / "b.png")
    views = sample_views(str(tmp_path), 4, 32, 0)
    assert len(views) == 2
    assert views[0].centre.std() > 12
    assert views[1].centre.std() == 0


def test_photographs_that_are_too_small_are_named(tmp_path: Path) -> None:
    Image.new("RGB", (100, 40)).save(tmp_path / "a.png")
    with pytest.raises(BappsmithError, match="no photograph of at least 64×64 px"):
        sample_views(str(tmp_path), 2, 64, 16)
