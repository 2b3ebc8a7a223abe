"""The notebooks of docs/tutorials: stored without outputs, and executed without a warning."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "tutorials"
NAMES = ["own-dataset", "own-distortion", "own-judge", "peoples-votes", "train-and-compare", "on-a-cluster"]
ADDRESS = "github.com/OWNER/bappsmith"


def notebook(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def test_the_page_lists_every_notebook():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((.*)\.ipynb\)", page) == NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_valid_and_stored_without_outputs(name: str):
    stored = notebook(name)
    nbformat.validate(stored)
    assert (stored.nbformat, stored.nbformat_minor) == (4, 5)
    for cell in stored.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None), cell.id
        assert cell.metadata == {}, cell.id


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opens_in_colab_and_installs_there(name: str):
    first, install = notebook(name).cells[:2]
    assert first.source.startswith("# ")
    colab = ADDRESS.replace("github.com", "https://colab.research.google.com/github")
    assert f"]({colab}/blob/main/docs/tutorials/{name}.ipynb)" in first.source
    assert install.source.startswith("try:\n    import bappsmith\nexcept ModuleNotFoundError:\n    %pip install ")
    assert f" @ git+https://{ADDRESS}" in install.source


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_and_headings(name: str):
    for cell in notebook(name).cells:
        for target in re.findall(r"\]\(((?!https:)[^)]*)\)", cell.source if cell.cell_type == "markdown" else ""):
            page, _, heading = target.partition("#")
            assert (FOLDER / page).is_file(), target
            titles = re.findall(r"^#+ (.*)$", (FOLDER / page).read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in ("", *(title.lower().replace(" ", "-") for title in titles)), target


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_without_a_warning(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for variable in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "HF_HOME"):
        folder = tmp_path / variable
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    before = sorted(FOLDER.iterdir())
    executed = notebook(name)
    # The kernel starts beside the notebook, as the one of a reader does; each notebook goes to a temporary folder.
    client = NotebookClient(executed, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    outputs = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert sorted(FOLDER.iterdir()) == before
