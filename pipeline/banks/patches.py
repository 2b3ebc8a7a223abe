"""Training patches for networks, cut from a few photographs on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.pipeline.sources.index import SourceIndex

PHOTOGRAPHS = 32
"""Photographs that one network learns from; each network draws its own. In a few hundred steps a network does not
memorise this many."""
LONGEST = 1024
"""Longest shorter side of a photograph in memory, px; larger photographs are reduced."""


def patch_source(
    index: SourceIndex, drawn: NetworkSpec, side: int, scale: Sequence[float]
) -> Callable[[Draws, int], list[Image]]:
    """Return a function that cuts patches from a few photographs.

    Args:
        index: the photographs; up to `PHOTOGRAPHS` of them are decoded now.
        drawn: the network; its seed chooses the photographs.
        side: of a patch, px.
        scale: smallest and largest side of a crop, as multiples of `side`.

    Returns:
        (stream, n) → n patches, uint8 side×side×3 RGB.
    """
    chosen, draws = list(index.photographs), Draws(drawn.seed, 3)
    while len(chosen) > PHOTOGRAPHS:
        chosen.pop(draws.integer(len(chosen)))
    decoded: list[Image] = []
    for photo in chosen:
        pixels = index.read(photo)
        ratio = LONGEST / min(pixels.shape[:2])
        if ratio < 1:
            size = (round(pixels.shape[1] * ratio), round(pixels.shape[0] * ratio))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        decoded.append(pixels)

    def cut(draws: Draws, count: int) -> list[Image]:
        crops = []
        for _ in range(count):
            photo = draws.choice(decoded)
            shorter = min(photo.shape[:2])
            low, high = side * scale[0], min(side * scale[1], shorter)
            wide = min(shorter, round(low * (max(high, low) / low) ** draws.uniform()))
            y, x = (draws.integer(length - wide + 1) for length in photo.shape[:2])
            crop = photo[y : y + wide, x : x + wide]
            small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
            crops.append(np.asarray(small, np.uint8))
        return crops

    return cut
