"""Decoded photographs in memory, within a limit."""

from __future__ import annotations

from collections import OrderedDict

from bappsmith.distortions.image import Image

from .index import SourceIndex

CACHE_BYTES = 256 << 20
"""Largest number of bytes of pixels in memory."""


class DecodedPhotographs:
    """Photographs by name, decoded on request; the least recently used ones are dropped first.

    Args:
        sources: the photographs.
    """

    def __init__(self, sources: SourceIndex) -> None:
        self._sources = sources
        self._by_name = {photo.name: photo for photo in sources.photographs}
        self._decoded: OrderedDict[str, Image] = OrderedDict()
        self._bytes = 0

    def read(self, name: str) -> Image:
        """Return a photograph, uint8 H×W×3 RGB.

        Raises:
            BappsmithError: its file is missing, or changed since it was indexed.
        """
        if name not in self._decoded:
            photo = self._by_name[name]
            needed = photo.height * photo.width * 3
            while self._decoded and self._bytes + needed > CACHE_BYTES:
                self._bytes -= self._decoded.popitem(last=False)[1].nbytes
            self._decoded[name] = self._sources.read(photo)
            self._bytes += needed
        self._decoded.move_to_end(name)
        return self._decoded[name]
