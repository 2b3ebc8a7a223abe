"""Run the notebooks of docs/tutorials, and add them to the site as pages. A cell that fails, fails the build.

They become Markdown, so that they look as all pages do and load nothing from elsewhere. With BAPPSMITH_EXECUTE=false
they appear as they are stored.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import MarkdownExporter

FOLDER = "tutorials"
"""Of the notebooks, and of their pages."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page, and its pictures, beside every notebook."""
    for notebook in sorted(Path(config.docs_dir, FOLDER).glob("*.ipynb")):
        text, pictures = _page(notebook, notebook.stat().st_mtime_ns)
        link = f'[Download this notebook]({notebook.name}){{ download="{notebook.name}" }}, and run it on your machine.'
        pages = {f"{notebook.stem}.md": f"{text}\n\n---\n\n{link}\n", **pictures}
        for name, content in pages.items():
            files.append(File.generated(config, f"{FOLDER}/{name}", content=content))
    return files


@cache
def _page(path: Path, modified: int) -> tuple[str, dict[str, bytes]]:
    """Return Markdown, and its pictures by name.

    Args:
        path: of the notebook.
        modified: time of its last change; another one runs it again.

    Raises:
        PluginError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    if os.environ.get("BAPPSMITH_EXECUTE") != "false":
        try:
            NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
        except CellExecutionError as error:
            raise PluginError(f"{path} failed:\n{error}") from error
    text, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"unique_key": path.stem, "output_files_dir": f"{path.stem}-files"}
    )
    return text, resources["outputs"]
