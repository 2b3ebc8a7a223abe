"""The questions of a study with their pictures as files, for tools that know nothing of datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bappsmith.annotation.study.sentinels import SENTINELS, make_question, render_question
from bappsmith.annotation.study.source import QuestionSource
from bappsmith.annotation.study.task import Task
from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.png import encode_png

PICTURES = "pictures"
"""Folder of the pictures, below that of the export."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        task: "2afc", "jnd" or "similar".
        role: "item" or "sentinel".
        subset: path of the subset.
        index: position in the subset; None for sentinels.
        expected: right answer of a sentinel; None for items.
        pictures: name (ref, p0, p1; p0, p1; query, candidate) → path below the folder of the export, with forward
            slashes.
    """

    task: Task
    role: str
    subset: str
    index: int | None
    expected: str | None
    pictures: Mapping[str, str]


def new_folder(out: Path) -> None:
    """Make the folder of an export.

    Raises:
        BappsmithError: it has files.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BappsmithError(f"{out} is not empty; give a new folder")
    out.mkdir(parents=True, exist_ok=True)


def write_items(source: QuestionSource, task: Task, items: Sequence[tuple[str, int]], out: Path) -> Iterator[Question]:
    """Write the pictures of items, and yield their questions.

    Args:
        source: of the pictures.
        task: of all items.
        items: (subset, index).
        out: folder of the export.
    """
    for subset, index in items:
        folder = f"{PICTURES}/{subset.replace('/', '-')}"
        files = {}
        for name, image in source.pictures(subset, index).items():
            files[name] = _write(out, f"{folder}/{index:06d}-{name}.png", encode_png(image))
        yield Question(task, "item", subset, index, None, files)


def write_sentinels(
    source: QuestionSource, task: Task, items: Sequence[tuple[str, int]], count: int, out: Path, seed: int
) -> Iterator[Question]:
    """Write the pictures of the sentinels of one session, made from the pictures of items, and yield their questions.

    Args:
        source: of the pictures.
        task: of all items.
        items: (subset, index), at least one.
        count: number of sentinels.
        out: folder of the export.
        seed: of the draws.
    """
    for number, kind in enumerate(SENTINELS[task](count)):
        draws = Draws(seed, number)
        subset, index = items[draws.integer(len(items))]
        made = make_question(task, kind, subset, index, draws)
        files = {}
        for name, image in render_question(source, task, made).items():
            files[name] = _write(out, f"{PICTURES}/sentinels-{task}/{number:06d}-{name}.png", encode_png(image))
        yield Question(task, "sentinel", subset, None, made.expected, files)


def _write(out: Path, name: str, data: bytes) -> str:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name
