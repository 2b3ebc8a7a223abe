"""Fill the navigation: a value that ends with "/" stands for all pages of that folder that are not named beside it."""

from __future__ import annotations

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files


@event_priority(-100)  # after the hooks that add pages
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Replace folders by their pages, in the order of their names. A folder without pages leaves no trace."""
    pages = [file.src_uri for file in files.documentation_pages()]
    config.nav = _filled(config.nav, pages)
    return files


def _filled(items: list[Any], pages: list[str]) -> list[Any]:
    filled: list[Any] = []
    for item in items:
        title, value = next(iter(item.items())) if isinstance(item, dict) else (None, item)
        if isinstance(value, list):
            filled.append({title: _filled(value, pages)})
        elif not value.endswith("/"):
            filled.append(item)
        else:
            named = [*_named(items)]
            inside = sorted(page for page in pages if page.startswith(value) and page not in named)
            filled += ([{title: inside}] if inside else []) if title else inside
    return filled


def _named(items: list[Any]) -> list[str]:
    """Return the pages that stand beside a folder."""
    return [next(iter(item.values())) if isinstance(item, dict) else item for item in items]
