"""Run the notebooks of docs/tutorials, and add them to the site as pages. A cell that fails, fails the build.

They become Markdown, so that they look as all pages do and load nothing from elsewhere. With BAPPSMITH_EXECUTE=false
they appear as they are stored.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import MarkdownExporter
from traitlets.config import Config

FOLDER = "tutorials"
"""Of the notebooks, and of their pages."""
_NOTEBOOK = re.compile(r"(\]\((?!https?:)[^)\s]*)\.ipynb(#[^)\s]*)?\)")
_NO_ADDRESS = re.compile(r"^\[!\[[^\n]*/OWNER/[^\n]*\n", re.MULTILINE)
"""A badge that leads nowhere, as long as the repository has no public address."""
_REMOTE_PICTURE = re.compile(r"!\[([^]]*)\]\(https?://[^)]*\)")
_TABLE = re.compile(r"<style scoped>.*?</style>|(?<=<table) border=\"1\" class=\"dataframe\"", re.DOTALL)
_PRIVATE = Config({"KernelManager": {"transport": "ipc"}})
"""Kernels listen in the file system, where other users of the machine cannot connect, and not on TCP ports."""
_PLOT = re.compile(r"!\[(?:png|svg|jpeg)\]")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page, and its pictures, beside every notebook."""
    for notebook in sorted(Path(config.docs_dir, FOLDER).glob("*.ipynb")):
        text, pictures = _page(notebook, notebook.stat().st_mtime_ns)
        link = f'<a href="{notebook.name}" download>Download this notebook</a>, and run it on your own machine.'
        files.append(File.generated(config, f"{FOLDER}/{notebook.stem}.md", content=f"{text}\n\n---\n\n{link}\n"))
        for name, content in pictures.items():
            files.append(File.generated(config, f"{FOLDER}/{name}", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links to notebooks lead to their pages."""
    return _NOTEBOOK.sub(r"\1.md\2)", markdown)


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
            NotebookClient(notebook, timeout=600, kernel_name="python3", config=_PRIVATE).execute()
        except CellExecutionError as error:
            raise PluginError(f"{path} failed:\n{error}") from error
    text, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"unique_key": path.stem, "output_files_dir": f"{path.stem}-files"}
    )
    text = _REMOTE_PICTURE.sub(r"\1", _NO_ADDRESS.sub("", text))  # badges
    return _PLOT.sub("![What the cell above drew]", _TABLE.sub("", text)), resources["outputs"]
