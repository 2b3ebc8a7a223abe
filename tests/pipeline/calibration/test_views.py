"""Patches with their surroundings, to measure operators on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.calibration.views import photograph_views
from bappsmith.pipeline.sources.index import index_sources


def test_views_are_cut_from_different_photographs_and_keep_their_surroundings():
    index = index_sources(Sources(path="samples"))
    views = photograph_views(index, 4, 64)
    assert [view.image.shape for view in views] == [(128, 128, 3)] * 4
    assert all(np.array_equal(a.image, b.image) for a, b in zip(views, photograph_views(index, 4, 64), strict=True))


def test_too_few_photographs_are_named(photos: Path):
    index = index_sources(Sources(path=str(photos)))
    with pytest.raises(BappsmithError, match=r"photographs give a patch of 64 px, 40 are needed; add photographs"):
        photograph_views(index, 40, 64)
