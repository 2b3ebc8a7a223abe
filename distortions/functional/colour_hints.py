"""Remove the colour of an image, but for hints: single pixels whose colour stays known.

Colour is the chroma of ITU-R BT.601 (Cb and Cr, in levels), as far as it is from grey; grey is the luma, in 255 levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.distortions.random import uniform_field
from bappsmith.distortions.view import View

Chroma = NDArray[np.float32]
CELL = 2
"""Side in px of a cell with one candidate."""
_PERIOD = 64
"""Cells after which the candidates repeat."""
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


@dataclass(frozen=True, slots=True)
class Hints:
    """A grey image with the colour of a few of its pixels.

    Attributes:
        grey: luma, uint8 H×W.
        known: True where the colour is known, bool H×W; at least once.
        chroma: Cb and Cr less 128, in levels, float32 H×W×2; 0 where they are not known.
    """

    grey: NDArray[np.uint8]
    known: NDArray[np.bool_]
    chroma: Chroma


def decolour(image: Image, known: NDArray[np.bool_]) -> Hints:
    """Remove the colour of all pixels but the known ones.

    Args:
        image: uint8 H×W×3 RGB.
        known: bool H×W, True at least once.
    """
    planes = image.astype(np.float32)
    red, green, blue = planes[..., 0], planes[..., 1], planes[..., 2]
    luma = red * np.float32(_RED) + green * np.float32(_GREEN) + blue * np.float32(_BLUE)
    planes = (blue - luma) / np.float32(2 - 2 * _BLUE), (red - luma) / np.float32(2 - 2 * _RED)
    chroma = np.stack(planes, axis=2, dtype=np.float32)
    chroma[~known] = 0
    return Hints(np.rint(luma).astype(np.uint8), known, chroma)


def recolour(grey: NDArray[np.uint8], chroma: Chroma) -> Image:
    """Return the RGB image of a luma and a chroma, rounded and clipped: the inverse of `decolour`, to two levels.

    Args:
        grey: uint8 H×W.
        chroma: float32 H×W×2, see `Hints`.
    """
    blue, red = chroma[..., 0] * np.float32(2 - 2 * _BLUE), chroma[..., 1] * np.float32(2 - 2 * _RED)
    green = -(blue * np.float32(_BLUE) + red * np.float32(_RED)) / np.float32(_GREEN)
    return np.rint(np.clip(grey[..., None] + np.stack((red, green, blue), axis=2), 0, 255)).astype(np.uint8)


def hint_positions(view: View, spacing: float, sub_seed: int) -> NDArray[np.bool_]:
    """Choose the pixels whose colour is known: anywhere, one for each `spacing` × `spacing` px in the mean.

    A grid of cells that starts anywhere has one candidate in each, and a number that says up to which spacing it stays.
    So fewer hints are always a part of more. Positions are counted from the centre of the patch: the hints of a pixel
    do not depend on the size of the view. At least one candidate stays.

    Args:
        view: the patch with its surroundings.
        spacing: root of the area per hint, px; at least `CELL`.
        sub_seed: seed of the positions.

    Returns:
        bool of the height and width of the view's image.
    """
    height, width = view.image.shape[:2]
    field = uniform_field(sub_seed, (3, _PERIOD * _PERIOD + 1)) * np.float32(0.5) + np.float32(0.5)
    table = field[:, 1:].reshape(3, _PERIOD, _PERIOD)
    i, j = (_cells(side) for side in (height, width))
    down, across, stays = table[:, (i % _PERIOD)[:, None], (j % _PERIOD)[None, :]]
    rows = np.floor((i[:, None] + down + field[0, 0]) * CELL).astype(int) + height // 2
    columns = np.floor((j[None, :] + across + field[1, 0]) * CELL).astype(int) + width // 2
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    kept = inside & (stays < max((CELL / spacing) ** 2, stays[inside].min() + 1e-6))
    known = np.zeros((height, width), np.bool_)
    known[rows[kept], columns[kept]] = True
    return known


def nearest_hint(hints: Hints) -> Chroma:
    """Return for every pixel the chroma of the nearest hint, float32 H×W×2."""
    rows, columns = np.nonzero(hints.known)
    unknown = np.where(hints.known, 0, 255).astype(np.uint8)
    method = cv2.DIST_L2, cv2.DIST_MASK_5
    labels = np.asarray(cv2.distanceTransformWithLabels(unknown, *method, labelType=cv2.DIST_LABEL_PIXEL)[1], np.int32)
    of_label = np.empty((len(rows) + 1, 2), np.float32)
    of_label[labels[rows, columns]] = hints.chroma[rows, columns]
    return of_label[labels]


def diffuse(hints: Hints, spacing: float) -> Chroma:
    """Spread the chroma of the hints evenly, float32 H×W×2.

    The chroma of the nearest hint is blurred, and the hints are set again, with standard deviations from half of the
    spacing down to half a pixel.

    Args:
        hints: at least one.
        spacing: root of the area per hint, px.
    """
    chroma = nearest_hint(hints)
    sigma = spacing / 2
    while sigma >= 0.5:
        blurred = cv2.GaussianBlur(chroma, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        chroma = np.where(hints.known[..., None], hints.chroma, blurred)
        sigma /= 2
    return chroma


def _cells(side: int) -> NDArray[np.int64]:
    """Return the numbers of the cells along an axis of `side` px, 0 for the one that starts in the middle."""
    return np.arange(-(side // 2) // CELL - 2, side // 2 // CELL + 2, dtype=np.int64)
