"""Fill the navigation: a value that ends with "/" stands for all pages of that folder that are not named beside it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files


@event_priority(-100)  # after the hooks that add pages
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Replace folders by their pages. A folder without pages leaves no trace."""
    config.nav = _filled(config.nav or [], files)
    return files


def _filled(items: list[Any], files: Files) -> list[Any]:
    filled: list[Any] = []
    for item in items:
        title, value = next(iter(item.items())) if isinstance(item, dict) else (None, item)
        if isinstance(value, list):
            filled.append({title: _filled(value, files)})
        elif not value.endswith("/"):
            filled.append(item)
        else:
            inside = [page for page in _pages(value, files) if page not in _named(items)]
            filled += ([{title: inside}] if inside else []) if title else inside
    return filled


def _pages(folder: str, files: Files) -> list[str]:
    """Return the pages of a folder: its README first, those that it links to, and the others by name."""
    readme = files.get_file_from_path(f"{folder}README.md")
    listed = readme.content_string if readme else ""

    def place(page: str) -> tuple[bool, int, str]:
        at = listed.find(f"]({PurePosixPath(page).stem}.")
        return not page.endswith("/README.md"), at if at >= 0 else len(listed), page

    return sorted((page.src_uri for page in files.documentation_pages() if page.src_uri.startswith(folder)), key=place)


def _named(items: list[Any]) -> list[str]:
    """Return the pages that stand beside a folder."""
    return [next(iter(item.values())) if isinstance(item, dict) else item for item in items]
