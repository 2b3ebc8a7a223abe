"""Texture atlases: the patches of some items in one lossless picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

ATLAS_PIXELS = 3 * 16 * 64 * 64
"""Pixels of an atlas: 16 triplets of 64 px. A browser decodes it in a few milliseconds."""
_LARGEST_SIDE = 16383
"""Longest side of a WebP file, px."""


def items_per_atlas(folders: int, side: int) -> int:
    """Return the number of items in an atlas, at least 1.

    Args:
        folders: number of patches of an item.
        side: of a patch, px.
    """
    return max(1, min(ATLAS_PIXELS // (folders * side * side), _LARGEST_SIDE // side))


def encode_atlases(pictures: Iterable[Sequence[NDArray[np.uint8]]], per: int) -> Iterator[bytes]:
    """Encode patches: one item a row, its patches side by side. Pixels are exactly those of the dataset.

    Args:
        pictures: the patches of each item, uint8 H×W×3 RGB, all of one size.
        per: number of items in an atlas; the last one may hold fewer.

    Yields:
        Content of a WebP file, lossless.
    """
    remaining = iter(pictures)
    while rows := [np.concatenate(patches, axis=1) for patches in islice(remaining, per)]:
        stream = io.BytesIO()
        # On triplets of 64 px, method 1 takes 22 % fewer bytes than PNG files of the patches; methods above 2 % less.
        PIL.fromarray(np.concatenate(rows)).save(stream, "WEBP", lossless=True, method=1, quality=0)
        yield stream.getvalue()
