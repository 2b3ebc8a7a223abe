"""Changes of Y'CbCr, against the definition of the standard."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.functional.ycbcr import rgb_of_chroma


def test_chroma_becomes_the_change_of_rgb_that_has_it() -> None:
    blue, red = np.array([[3, -7]], np.float32), np.array([[11, 5]], np.float32)
    rgb = np.dstack(rgb_of_chroma(blue, red))
    assert rgb.shape == (1, 2, 3)
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    assert np.allclose(luma, 0, atol=1e-4)
    # Cb = (B - Y) / 1.772 and Cr = (R - Y) / 1.402, from ITU-R BT.601.
    assert np.allclose((rgb[..., 2] - luma) / 1.772, blue, atol=1e-4)
    assert np.allclose((rgb[..., 0] - luma) / 1.402, red, atol=1e-4)
