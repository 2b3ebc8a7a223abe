"""Hooks that make pages which are not kept in the repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HOOKS = Path(__file__).resolve().parents[2] / "docs/hooks"
pytestmark = pytest.mark.slow


def build(folder: Path, *cells: str) -> subprocess.CompletedProcess[str]:
    """Build a site of one page and one notebook, whose cells are these."""
    tutorials = folder / "docs/tutorials"
    tutorials.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=[new_markdown_cell("# Counting"), *map(new_code_cell, cells)])
    nbformat.write(notebook, tutorials / "counting.ipynb")
    (folder / "docs/index.md").write_text("# Home\n\n[Count](tutorials/counting.ipynb)\n")
    hooks = [str(HOOKS / name) for name in ("tutorials.py", "navigation.py")]
    config = {"site_name": "x", "strict": True, "hooks": hooks, "use_directory_urls": False, "plugins": []}
    nav = ["index.md", {"Tutorials": "tutorials/"}, {"Empty": "empty/"}]
    (folder / "mkdocs.yml").write_text(yaml.safe_dump({**config, "nav": nav}))
    command = [sys.executable, "-m", "mkdocs", "build"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_notebook_is_run_and_becomes_a_page(tmp_path: Path):
    done = build(tmp_path, "print(20 + 3)", "import pandas\npandas.DataFrame({'a': [7]})")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site/tutorials/counting.html").read_text()
    assert "<code>23\n" in page
    assert "<table>" in page
    assert 'href="counting.ipynb" download' in page
    home = (tmp_path / "site/index.html").read_text()
    assert 'href="tutorials/counting.html"' in home
    assert "Counting" in home  # in the navigation, under its own title
    assert "Empty" not in home


def test_the_readme_of_a_folder_orders_its_pages(tmp_path: Path):
    folder = tmp_path / "docs/tutorials"
    folder.mkdir(parents=True)
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text(f"# Page {name}\n")
    (folder / "README.md").write_text("# All\n\n[second](c.md) [then](a.md)\n")
    assert build(tmp_path).returncode == 0
    home = (tmp_path / "site/index.html").read_text()
    order = re.findall(r'href="tutorials/(\w+)\.html"', home[home.index("Tutorials") :])
    assert order[:5] == ["index", "c", "a", "b", "counting"]


def test_a_cell_that_fails_fails_the_build(tmp_path: Path):
    done = build(tmp_path, "print(20 + 3)", "1 / 0")
    assert done.returncode == 1
    assert "counting.ipynb failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
