"""The pictures of showings, as PNG."""

from __future__ import annotations

import threading
from collections import OrderedDict

from bappsmith.manifests.forms.png import encode_png

from .sentinels import MadeQuestion, render_question
from .source import QuestionSource
from .task import Task

CACHE_BYTES = 32 << 20
"""Limit of all cached pictures."""


class PictureCache:
    """The encoded pictures of the last showings, since a browser asks for each picture of a showing by itself."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[str, dict[str, bytes]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, showing: str) -> dict[str, bytes] | None:
        """Return the pictures of a showing, or None."""
        with self._guard:
            if showing in self._entries:
                self._entries.move_to_end(showing)
            return self._entries.get(showing)

    def put(self, showing: str, pictures: dict[str, bytes]) -> None:
        """Keep pictures; the oldest are forgotten."""
        with self._guard:
            if showing in self._entries:
                return
            self._entries[showing] = pictures
            self._size += sum(map(len, pictures.values()))
            while self._size > self._limit:
                _, oldest = self._entries.popitem(last=False)
                self._size -= sum(map(len, oldest.values()))


def encode_item(source: QuestionSource, task: Task, subset: str, index: int, p1_left: bool | None) -> dict[str, bytes]:
    """Encode the pictures of an item by their place on the screen; see `encode_made`."""
    return _by_side(task, {name: encode_png(image) for name, image in source.pictures(subset, index).items()}, p1_left)


def encode_made(source: QuestionSource, task: Task, made: MadeQuestion, p1_left: bool | None) -> dict[str, bytes]:
    """Encode the pictures of a sentinel or training question by their place on the screen.

    Args:
        source: of the study.
        task: of the session.
        made: the question.
        p1_left: whether p1 is on the left; None where there are no sides.

    Returns:
        PNG by place: ref, left, right (2afc); first, second (jnd); query, candidate (similar).
    """
    images = render_question(source, task, made)
    return _by_side(task, {name: encode_png(image) for name, image in images.items()}, p1_left)


def _by_side(task: Task, files: dict[str, bytes], p1_left: bool | None) -> dict[str, bytes]:
    if task == "2afc":
        left, right = ("p1", "p0") if p1_left else ("p0", "p1")
        return {"ref": files["ref"], "left": files[left], "right": files[right]}
    if task == "jnd":
        return {"first": files["p0"], "second": files["p1"]}
    return files
