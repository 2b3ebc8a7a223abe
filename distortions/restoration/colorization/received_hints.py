"""What colorization networks receive."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.functional.colour_hints import decolour, diffuse, hint_positions
from bappsmith.distortions.view import View

_SPOT = np.ones((3, 3), np.uint8)


def received_hints(view: View, spacing: float, sub_seed: int) -> NDArray[np.float32]:
    """Return the image with the colour that spreads from the hints, in RGB, and where hints are: float32 H×W×4.

    Height and width are those of the view. Luma is in [-1, 1]; a colour may go beyond, which keeps the luma. Where
    hints are, a spot of 3×3 px is 1, so that layers with a stride see it. Given single coloured pixels in grey in place
    of the spread colour, small networks coloured spots around the hints, and the rest wrong.
    """
    hints = decolour(view.image, hint_positions(view, spacing, sub_seed))
    chroma = diffuse(hints, spacing) / np.float32(127.5)
    luma = hints.grey.astype(np.float32) / np.float32(127.5) - 1
    blue, red = chroma[..., 0] * np.float32(1.772), chroma[..., 1] * np.float32(1.402)
    green = (blue * np.float32(0.114) + red * np.float32(0.299)) / np.float32(-0.587)
    spots = np.asarray(cv2.dilate(hints.known.astype(np.uint8), _SPOT), np.float32)
    return np.stack((luma + red, luma + green, luma + blue, spots), axis=2, dtype=np.float32)
