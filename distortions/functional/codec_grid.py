"""The position of a codec's grid of blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View, trimmed


def on_grid(
    view: View,
    block: int,
    phase: tuple[int, int],
    code: Callable[[Image], Image],
    *,
    guard: int = 0,
    unit: int | None = None,
) -> Image:
    """Apply a codec, whose blocks start at the upper left corner of its input, so that they start anywhere in a patch.

    The codec receives the patch, `guard` px around it, and the pixels of the photograph that complete the blocks. A
    margin of `block` - 1 + `guard` px is enough.

    Args:
        view: the patch with its surroundings.
        block: side of the blocks in px.
        phase: rows of a block above, and columns to the left of what is kept; each in [0, block).
        code: encodes and decodes a contiguous image: uint8 h×w×3 in and out, of the same shape.
        guard: px on each side that are coded and not kept, for codecs that treat the border of an image in another way.
        unit: complete the blocks below and to the right to multiples of this, in px, for codecs whose last blocks may
            be smaller. Default: `block`.

    Returns:
        uint8 H×W×3 RGB: the patch, cut from the decoded image.
    """
    (height, width), outside = view.shape, view.margin - guard
    height, width = height + 2 * guard, width + 2 * guard
    rows, columns = phase
    unit = unit or block
    below, right = -(rows + height) % unit, -(columns + width) % unit
    whole = view.image[outside - rows : outside + height + below, outside - columns : outside + width + right]
    decoded = code(np.ascontiguousarray(whole))
    return trimmed(decoded[rows : rows + height, columns : columns + width], guard)
