"""Decoded photographs kept in memory, within a bound."""

from __future__ import annotations

from collections import OrderedDict

from bappsmith.distortions.base import Image

from .index import SourceIndex

CACHE_BYTES = 256 << 20
"""Bytes of pixels that are kept."""


class DecodedPhotographs:
    """Photographs by name, decoded when they are asked for; the least recently used make room.

    Args:
        sources: the photographs.
    """

    def __init__(self, sources: SourceIndex) -> None:
        self._sources = sources
        self._by_name = {photo.name: photo for photo in sources.photographs}
        self._decoded: OrderedDict[str, Image] = OrderedDict()
        self._bytes = 0

    def read(self, name: str) -> Image:
        """A photograph, uint8 H×W×3 RGB.

        Raises:
            BappsmithError: its file is gone, or no longer the one that was indexed.
        """
        if name not in self._decoded:
            photo = self._by_name[name]
            coming = photo.height * photo.width * 3
            while self._decoded and self._bytes + coming > CACHE_BYTES:
                self._bytes -= self._decoded.popitem(last=False)[1].nbytes
            self._decoded[name] = self._sources.read(photo)
            self._bytes += coming
        self._decoded.move_to_end(name)
        return self._decoded[name]
