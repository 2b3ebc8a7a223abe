"""Divide a large image into chunks of rows, to work on one after the other."""

from __future__ import annotations

from collections.abc import Iterator

_PIXELS = 1 << 12
"""Pixels of a chunk: 96 KiB of three channels in float64."""


def row_chunks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Divide the rows of an image into chunks, so that intermediate results are small.

    Memory for arrays beyond 128 KiB can be new at every call, and takes ten times as long to write as used memory.

    Args:
        shape: height and width, px.
    """
    step = max(1, _PIXELS // shape[1])
    for top in range(0, shape[0], step):
        yield slice(top, top + step)
