"""Write the viewer: as a page of its own, or as a part of a report."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from bappsmith.manifests.page import content_policy
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS

from .atlas import encode_atlases, items_per_atlas
from .data import viewer_data
from .items import ViewerItems

ONE_FILE_PIXELS = 3 * 64 * 64 * 1000
"""Pixels that a page holds in itself: 1,000 triplets of 64 px, about 25 MB. Pictures of more are files beside it."""
PICTURES = "pictures"
"""Folder of these files."""
_STATIC = Path(__file__).parent / "static"
_SCRIPTS = ("elements", "columns", "atlases", "filters", "range", "grid", "inspector", "panel", "main")


def write_viewer(
    path: Path,
    title: str,
    parts: Sequence[ViewerItems],
    *,
    families: Mapping[str, str],
    notes: Sequence[str] = (),
    links: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write a page that opens from its file: no server, no network.

    Pictures are inside the page, or in the folder `pictures` beside it if they have more than `ONE_FILE_PIXELS` pixels.
    Text is shown as text, whatever it holds; a content security policy forbids other scripts, addresses and forms.

    Args:
        path: of the page.
        title: plain text.
        parts: items, subset by subset.
        families: operator → family.
        notes: facts for the reader.
        links: text → address relative to the page, for the head of the page.
        progress: called with the number of items whose pictures are written.
    """
    beside = path.parent / PICTURES
    for before in beside.glob("[0-9]*.webp"):  # of a report that was written here before
        before.unlink()
    folder = beside if sum(part.pixels for part in parts) > ONE_FILE_PIXELS else None
    name = html.escape(title)
    style = viewer_style() + _read("page.css")
    policy = content_policy([style], [viewer_script()], "data: 'self' file:" if folder else "data:")
    anchors = "".join(f'<a href="{html.escape(to)}">{html.escape(text)}</a>' for text, to in (links or {}).items())
    with path.open("w", encoding="utf-8") as page:
        page.write(
            f'<!doctype html><html lang="en"><meta charset="utf-8">{policy}<meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{name}</title><style>{style}</style>'
            f'<body><header><h1>{name}</h1>{anchors}</header><div class="viewer whole" id="viewer"></div>'
        )
        data = viewer_data(parts, families, notes, PICTURES if folder else None, "order")
        page.write(f"{_data_block(data)}<script>{viewer_script()}</script>\n")
        # The script runs before the pictures are read.
        if folder is None:
            page.writelines(_atlas_blocks(parts, progress))
        else:
            folder.mkdir(exist_ok=True)
            for number, atlas in enumerate(_atlases(parts, progress)):
                (folder / f"{number:06d}.webp").write_bytes(atlas)
        page.write("</body></html>\n")


def viewer_part(parts: Sequence[ViewerItems], families: Mapping[str, str]) -> str:
    """Return the viewer as HTML for a report, sorted by the worst mistakes. The report adds its style and its script.

    A report holds one viewer. Its pictures are inside it.
    """
    data = _data_block(viewer_data(parts, families, (), None, "mistake"))
    return f'<div class="viewer" id="viewer"></div>{data}{"".join(_atlas_blocks(parts, lambda done: None))}'


@cache
def viewer_style() -> str:
    """Return the style sheet of the viewer."""
    return _read("viewer.css")


@cache
def viewer_script() -> str:
    """Return the script of the viewer. It stands below the viewer's element and data."""
    return '(() => {\n"use strict";\n' + "\n".join(_read(f"{name}.js") for name in _SCRIPTS) + "})();\n"


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _data_block(data: str) -> str:
    return f'<script type="application/json" id="viewer-data">{data}</script>\n'


def _atlas_blocks(parts: Sequence[ViewerItems], progress: Callable[[int], None]) -> Iterator[str]:
    for number, atlas in enumerate(_atlases(parts, progress)):
        text = base64.b64encode(atlas).decode()
        yield f'<script type="text/plain" id="atlas-{number}">{text}</script>\n'


def _atlases(parts: Sequence[ViewerItems], progress: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    for part in parts:
        per = items_per_atlas(len(IMAGE_FOLDERS[part.kind]), part.side)
        for first, atlas in zip(range(0, len(part), per), encode_atlases(part.pictures(), per), strict=True):
            yield atlas
            progress(done + min(first + per, len(part)))
        done += len(part)
