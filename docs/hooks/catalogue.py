"""Add the catalogue of operators to the site: the pages of `bappsmith distortions catalogue`, built anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from bappsmith.cli.distortions import catalogue


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add pages and pictures."""
    for name, content in _catalogue().items():
        files.append(File.generated(config, f"catalogue/{name}", content=content))
    return files


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
