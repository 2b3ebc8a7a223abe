"""Choose pairs of images that nobody would call similar: sentinels and training questions of the task "similar"."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.lpips.data.retrieval.pair_set import PairSet

DRAWN = 24
"""Images that are drawn to choose from: 276 pairs. Chosen here."""
LAYOUT = 8
"""Side of the small images whose pixels are compared, px."""
COLOURS = 4
"""Levels per channel of the colour histograms that are compared."""


def far_pairs(
    read: Callable[[str], NDArray[np.uint8]], pairs: PairSet, rng: np.random.Generator, count: int
) -> list[tuple[str, str]]:
    """Choose pairs of images that differ both in layout and in colours.

    Of random images, all pairs are ranked by the squared difference of images of 8×8 px and by the difference of colour
    histograms. The worse of both ranks decides, and at most a quarter of the pairs is far. Pairs that people are asked
    about are left out, and an image is taken once as long as there are enough.

    Args:
        read: function from the name of an image to uint8 H×W×3 RGB.
        pairs: what people are asked about; their images are those to choose from.
        rng: draws the images.
        count: number of pairs.

    Returns:
        Pairs of names of images; fewer than `count` if there are few images, none if all are paired with all others.

    Raises:
        BappsmithError: an image cannot be read.
    """
    images = pairs.images
    drawn = sorted(rng.choice(len(images), min(len(images), max(DRAWN, 4 * count)), replace=False).tolist())
    names = [images[k] for k in drawn]
    asked = {frozenset((pair.query, pair.candidate)) for pair in pairs.pairs}
    one, two = np.triu_indices(len(names), 1)
    free = np.array([frozenset((names[a], names[b])) not in asked for a, b in zip(one, two, strict=True)], bool)
    one, two = one[free], two[free]
    if not len(one):
        return []
    described = [_describe(read(name)) for name in names]
    layouts, colours = (np.stack(values) for values in zip(*described, strict=True))
    differences = (
        np.square(layouts[one] - layouts[two]).sum(axis=1),
        np.abs(colours[one] - colours[two]).sum(axis=1),
    )
    worse = np.minimum(*(np.argsort(np.argsort(difference)) for difference in differences))
    chosen: list[tuple[str, str]] = []
    taken: set[str] = set()
    order = np.argsort(-worse, kind="stable")[: max(1, len(one) // 4)]
    for often in (False, True):
        for k in order:
            pair = (names[one[k]], names[two[k]])
            if len(chosen) < count and pair not in chosen and (often or taken.isdisjoint(pair)):
                chosen.append(pair)
                taken.update(pair)
    return chosen


def _describe(image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pixels of a small image, in [0, 1], and the shares of its colours."""
    small = np.asarray(PIL.fromarray(image).resize((LAYOUT, LAYOUT), PIL.Resampling.BOX), np.float64) / 255
    levels = (image.reshape(-1, 3).astype(np.intp) * COLOURS) // 256
    bins = np.bincount(levels @ [COLOURS**2, COLOURS, 1], minlength=COLOURS**3)
    return small.reshape(-1), bins / bins.sum()
