"""What colorization networks receive."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.functional.colour_hints import decolour, hint_positions
from bappsmith.distortions.view import View

_SPOT = np.ones((3, 3), np.float32)


def received_hints(view: View, spacing: float, sub_seed: int) -> NDArray[np.float32]:
    """Return luma, the chroma of the hints and where they are, float32 of the view's height and width × 4.

    Luma is in [-1, 1], and so is chroma. A hint covers 3×3 px, so that layers with a stride see it; where several
    overlap, their mean counts.
    """
    hints = decolour(view.image, hint_positions(view, spacing, sub_seed))
    planes = np.dstack((hints.chroma / np.float32(127.5), hints.known.astype(np.float32)))
    spots = np.asarray(cv2.filter2D(planes, -1, _SPOT, borderType=cv2.BORDER_CONSTANT), np.float32)
    count = spots[..., 2:]
    luma = hints.grey.astype(np.float32) / np.float32(127.5) - 1
    return np.dstack((luma, spots[..., :2] / np.maximum(count, 1), np.minimum(count, 1)))
