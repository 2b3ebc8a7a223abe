"""Add the catalogue of operators to the site: the pages of `bappsmith distortions catalogue`, built anew."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from bappsmith.cli.distortions_show import catalogue
from bappsmith.distortions.catalogue.pages import YARDSTICK
from bappsmith.distortions.registry import operators

_LINKED = "equivalents.md"
"""The page on which names of operators become links. In the repository they are plain: no catalogue is kept there."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add pages and pictures."""
    for name, content in _catalogue().items():
        files.append(File.generated(config, f"catalogue/{name}", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link names of operators to their pages, and the scale of damage to its own."""
    if page.file.src_uri.startswith("catalogue/operators/"):
        return markdown.replace(YARDSTICK, f"[{YARDSTICK}](../../calibration.md)")
    if page.file.src_uri != _LINKED:
        return markdown
    known = operators()

    def linked(name: re.Match[str]) -> str:
        return f"[{name[0]}](catalogue/operators/{name[1]}.md)" if name[1] in known else name[0]

    return re.sub(r"`(\w+)`", linked, markdown)


@cache
def _catalogue() -> dict[str, str | bytes]:
    """Return name of a file → content. It is built once in a process, because it takes a minute."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "catalogue"
        catalogue(out=folder)
        found = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
        return {
            name: file.read_text(encoding="utf-8") if name.endswith(".md") else file.read_bytes()
            for name, file in found.items()
        }
