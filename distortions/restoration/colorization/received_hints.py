"""What colorization networks receive."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.functional.colour_hints import decolour, hint_positions
from bappsmith.distortions.view import View

_SPOT = np.ones((3, 3), np.float32)


def received_hints(view: View, spacing: float, sub_seed: int) -> NDArray[np.float32]:
    """Return the grey image in RGB with coloured hints, and where they are, float32 of the view's height and width × 4.

    Grey is in [-1, 1]; coloured hints may go beyond, which keeps the luma. A hint covers 3×3 px, so that layers with a
    stride see it; where several overlap, their mean counts.
    """
    hints = decolour(view.image, hint_positions(view, spacing, sub_seed))
    planes = np.dstack((hints.chroma / np.float32(127.5), hints.known.astype(np.float32)))
    spots = np.asarray(cv2.filter2D(planes, -1, _SPOT, borderType=cv2.BORDER_CONSTANT), np.float32)
    count = spots[..., 2:]
    luma = hints.grey.astype(np.float32) / np.float32(127.5) - 1
    chroma = spots[..., :2] / np.maximum(count, 1)
    blue, red = chroma[..., 0] * np.float32(1.772), chroma[..., 1] * np.float32(1.402)
    green = (blue * np.float32(0.114) + red * np.float32(0.299)) / np.float32(-0.587)
    mask = np.minimum(count[..., 0], 1)
    return np.stack((luma + red, luma + green, luma + blue, mask), axis=2, dtype=np.float32)
