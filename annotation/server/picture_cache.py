"""Encoded pictures of recent showings, kept in a bounded amount of memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable


class PictureCache:
    """Showing → name → PNG. A browser asks for two or three pictures of a showing at once; they are made once.

    Args:
        largest: bytes of pictures kept. Those used longest ago go first.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[str, dict[str, bytes]] = OrderedDict()
        self._in_work: dict[str, asyncio.Task[dict[str, bytes]]] = {}

    async def get(self, showing: str, make: Callable[[], Awaitable[dict[str, bytes]]]) -> dict[str, bytes]:
        """Return the pictures of a showing; `make` is called if they are not kept and nobody makes them."""
        if showing in self._kept:
            self._kept.move_to_end(showing)
            return self._kept[showing]
        task = self._in_work.get(showing)
        if task is None:
            task = asyncio.create_task(self._make(showing, make))
            self._in_work[showing] = task
        return await asyncio.shield(task)  # one browser that goes away takes nothing from the others

    async def _make(self, showing: str, make: Callable[[], Awaitable[dict[str, bytes]]]) -> dict[str, bytes]:
        try:
            pictures = await make()
        finally:
            del self._in_work[showing]
        self._kept[showing] = pictures
        self._size += _size(pictures)
        while self._size > self._largest:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _size(oldest)
        return pictures


def _size(pictures: dict[str, bytes]) -> int:
    return sum(len(png) for png in pictures.values())
