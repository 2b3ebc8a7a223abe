"""Compression against Pillow."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from bappsmith.distortions import operator
from bappsmith.distortions.patches import natural_patches

PATCH = natural_patches(1)[0]


@pytest.mark.parametrize("quality", [5, 20, 75])
def test_jpeg_is_pillows(quality: int) -> None:
    file = io.BytesIO()
    PillowImage.fromarray(PATCH).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    expected = np.asarray(PillowImage.open(file))
    # Both are libjpeg; a level or two is left to their colour conversions.
    result = operator("jpeg").apply(PATCH, quality=float(quality))
    assert np.abs(result.astype(int) - expected).mean() < 1
    swapped = operator("jpeg").apply(PATCH[..., ::-1], quality=float(quality))[..., ::-1]
    assert np.abs(swapped.astype(int) - expected).mean() > np.abs(result.astype(int) - expected).mean()
