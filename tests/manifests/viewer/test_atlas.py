"""Atlases hold exactly the pixels of the items."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.viewer.atlas import encode_atlases, items_per_atlas


def test_an_atlas_holds_an_item_a_row_without_loss():
    pictures = np.random.default_rng(0).integers(0, 256, (5, 3, 24, 24, 3), np.uint8)
    atlases = [np.asarray(Image.open(io.BytesIO(data))) for data in encode_atlases(iter(pictures), 2)]
    assert [atlas.shape for atlas in atlases] == [(48, 72, 3), (48, 72, 3), (24, 72, 3)]
    rows = np.concatenate(atlases).reshape(5, 24, 3, 24, 3).transpose(0, 2, 1, 3, 4)
    np.testing.assert_array_equal(rows, pictures)


@pytest.mark.parametrize(
    ("folders", "side", "per"), [(3, 64, 16), (2, 64, 24), (3, 256, 1), (3, 1024, 1), (2, 1, 16383)]
)
def test_atlases_have_about_one_size(folders: int, side: int, per: int):
    assert items_per_atlas(folders, side) == per
