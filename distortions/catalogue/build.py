"""Build the catalogue: pages and pictures in a folder."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.compose import apply_chain
from bappsmith.distortions.conformance import microseconds
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.distortions.strips import severity_strip
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain

from .card import card
from .pages import LEVELS, SIDES, TITLE, Entry, list_page, operator_page
from .plot import damage_plot

INDEX = "index.md"
_QUALITY = 85
"""Of WebP files."""
_SHOWN = 0.7
"""Severity in thumbnails."""
_OURS = re.compile(r"(index|tags|sets)\.md|operators/[\w.-]+\.md|images/[\w.-]+\.(webp|png)")
"""Files of a catalogue."""
_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Built:
    """A catalogue that was built.

    Attributes:
        index: its first page.
        problems: name of an operator that could not run here → why; its page has no pictures.
        size: of all files, bytes.
    """

    index: Path
    problems: dict[str, str]
    size: int


def build_catalogue(
    operators: Sequence[Distortion],
    views: Mapping[int, Sequence[View]],
    out: Path,
    photographs: str,
    progress: Callable[[int, int], None] | None = None,
) -> Built:
    """Write a page per operator, and lists by family, tag and named set, all with pictures.

    The folder is put in place whole, at the end. An earlier catalogue there is replaced.

    Args:
        operators: registered operators, in the order of the lists.
        views: side of the patches, px → patches with surroundings, for each of `pages.SIDES`.
        out: folder: new, empty, or with an earlier catalogue.
        photographs: where the patches are from, in words, for the index.
        progress: called with (done, total).

    Raises:
        BappsmithError: the folder holds other files; or the name of an operator cannot be a file name.
    """
    _refuse_other_files(out)
    for op in operators:
        if not _NAME.fullmatch(op.name):
            raise BappsmithError(
                f"operator '{op.name}': its page needs a name of letters, digits, '_', '-' and '.'; rename it"
            )
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.parent / f".{out.name}.{uuid.uuid4().hex}.partial"
    try:
        for folder in ("operators", "images"):
            (partial / folder).mkdir(parents=True)
        entries: list[Entry] = []
        for op in operators:
            if progress:
                progress(len(entries), len(operators))
            entries.append(_entry(op, views, partial / "images"))
            (partial / "operators" / f"{op.name}.md").write_text(operator_page(entries[-1]), encoding="utf-8")
        for name, text in _lists(entries, photographs).items():
            (partial / name).write_text(text, encoding="utf-8")
        size = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
        if out.exists():
            shutil.rmtree(out)
        os.replace(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    if progress:
        progress(len(entries), len(operators))
    return Built(out / INDEX, {entry.card.name: entry.problem for entry in entries if entry.problem}, size)


def _refuse_other_files(out: Path) -> None:
    """Refuse a folder that holds anything else than a catalogue: it would be lost."""
    if not out.exists():
        return
    if not out.is_dir():
        raise BappsmithError(f"{out} is a file; give a folder for the catalogue")
    files = sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if not file.is_dir())
    other = [file for file in files if not _OURS.fullmatch(file)]
    index = out / INDEX
    if not other and files and not (index.is_file() and index.read_text("utf-8", "replace").startswith(f"# {TITLE}\n")):
        other = files
    if other:
        raise BappsmithError(
            f"{out} holds files that are not of a catalogue ({', '.join(other[:3])}); choose a new or empty folder"
        )


def _entry(op: Distortion, views: Mapping[int, Sequence[View]], folder: Path) -> Entry:
    """Draw the pictures of an operator, and measure its time."""
    known = card(op)
    pictures: dict[str, str] = {}
    times: dict[int, float] = {}
    problem = ""
    try:
        if known.unavailable:
            raise BappsmithError(f"operator '{op.name}' {known.unavailable}")
        drawn = {str(side): severity_strip(op, views[side], LEVELS[side]) for side in SIDES}
        drawn["thumbnail"] = _thumbnail(op, views[SIDES[0]][-1])
        times = {side: microseconds(op, side) for side in SIDES}
    except BappsmithError as error:  # the page says so
        problem = str(error)
    else:
        for what, image in drawn.items():
            pictures[what] = f"{op.name}-{what}.webp"
            _write_webp(folder / pictures[what], image)
    if known.damage:
        pictures["damage"] = f"{op.name}-damage.png"
        (folder / pictures["damage"]).write_bytes(damage_plot(known.damage))
    return Entry(known, pictures, times, problem)


def _thumbnail(op: Distortion, view: View) -> Image:
    """Draw a patch before and after, enlarged twice."""
    call = op.call(_SHOWN, Draws(0), view.side)
    both = np.hstack([view.centre, apply_chain(view, Chain((call,)))])
    return both.repeat(2, 0).repeat(2, 1)


def _write_webp(file: Path, image: Image) -> None:
    done, data = cv2.imencode(".webp", image[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    if not done:
        raise BappsmithError("OpenCV cannot write WebP here; install opencv-python from its wheel")
    file.write_bytes(data.tobytes())


def _lists(entries: Sequence[Entry], photographs: str) -> dict[str, str]:
    """Return the pages that list operators: name of the file → Markdown."""
    families: dict[str, list[Entry]] = {}
    tags: dict[str, list[Entry]] = {}
    sets: dict[str, list[Entry]] = {}
    for entry in entries:
        families.setdefault(entry.card.family, []).append(entry)
        for tag in entry.card.tags:
            tags.setdefault(tag, []).append(entry)
        for name in entry.card.sets:
            sets.setdefault(name, []).append(entry)
    lead = [
        f"{len(entries)} operators in {len(families)} families; also [by tag](tags.md) and [by named set](sets.md).",
        f"Built by `bappsmith distortions catalogue`, bappsmith {version('bappsmith')}. Patches: {photographs}. "
        f"A picture shows a patch before, and after at severity {_SHOWN:g}. Pictures are lossy WebP files, so the "
        "finest grain is approximate. Times are processor times at severity .5.",
    ]
    back = "Also [by family](index.md)."
    return {
        INDEX: list_page(TITLE, lead, families),
        "tags.md": list_page("Distortions by tag", [f"In recipes: `tag:NAME`. {back}"], dict(sorted(tags.items()))),
        "sets.md": list_page(
            "Distortions by named set", [f"In recipes: `set:NAME`. {back}"], dict(sorted(sets.items()))
        ),
    }
