"""The pictures of showings, as PNG."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from dataclasses import dataclass

from bappsmith.manifests.forms.png import encode_png

from .errors import UnknownError
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a showing shows.

    Attributes:
        task: of its session.
        subset: of the item; "" for sentinels and training.
        index: of the item in its subset.
        made: the sentinel or training question; None: the item as it is.
        p1_left: whether p1 is on the left; None where there are no sides.
    """

    task: Task
    subset: str
    index: int
    made: MadeQuestion | None
    p1_left: bool | None


def find_asked(connection: sqlite3.Connection, session: str, showing: str) -> Asked:
    """Return what a showing of a session shows.

    Raises:
        UnknownError: this session has no such showing.
    """
    row = connection.execute(
        "SELECT sessions.task, p1_left, made, expected, name, position FROM showings "
        "JOIN sessions ON sessions.number = session LEFT JOIN items ON items.number = item "
        "LEFT JOIN subsets ON subsets.number = subset "
        "WHERE showings.id = ? AND sessions.id = ? AND (made IS NOT NULL OR item IS NOT NULL)",
        (showing, session),
    ).fetchone()
    if row is None:
        raise UnknownError("this session has no such question; reload the page")
    made = None if row["made"] is None else MadeQuestion.from_json(row["made"], row["expected"])
    left = None if row["p1_left"] is None else bool(row["p1_left"])
    return Asked(row["task"], row["name"] or "", row["position"] or 0, made, left)


def encode_asked(source: QuestionSource, asked: Asked) -> dict[str, bytes]:
    """Encode the pictures of a showing by their place on the screen.

    Args:
        source: of the study.
        asked: see `find_asked`.

    Returns:
        PNG by place: ref, left, right (2afc); first, second (jnd); query, candidate (similar).
    """
    if asked.made is None:
        images = source.pictures(asked.subset, asked.index)
    else:
        images = render_question(source, asked.task, asked.made)
    return _by_side(asked.task, {name: encode_png(image) for name, image in images.items()}, asked.p1_left)


def _by_side(task: Task, files: dict[str, bytes], p1_left: bool | None) -> dict[str, bytes]:
    if task == "2afc":
        left, right = ("p1", "p0") if p1_left else ("p0", "p1")
        return {"ref": files["ref"], "left": files[left], "right": files[right]}
    if task == "jnd":
        return {"first": files["p0"], "second": files["p1"]}
    return files
