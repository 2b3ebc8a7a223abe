"""The judge of CONTRIBUTING.md judges a finished dataset."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
from scipy.special import ndtr
from typer.testing import CliRunner

from bappsmith.cli.main import app
from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset import Dataset

PAGE = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_judge_of_the_page_works_by_the_command_of_the_page(finished: dict[str, Path], tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(# brightness\.py\n.*?)```", PAGE, re.DOTALL)
    (command,) = re.findall(r"^bappsmith (judge data .*)$", PAGE, re.MULTILINE)
    root = shutil.copytree(finished["tar"], tmp_path / "data")
    (tmp_path / "brightness.py").write_text(block, encoding="utf-8")
    names = {"data": str(root), "brightness.py": str(tmp_path / "brightness.py")}
    result = CliRunner().invoke(app, [names.get(word, word) for word in command.split()])
    assert result.exit_code == 0, result.output
    use_plugins([])
    subset = Dataset(root)["2afc/train/a"]
    images = subset[3].images
    off = [abs(images[p].mean() - images["ref"].mean()) for p in ("p0", "p1")]
    np.testing.assert_allclose(subset.labels("bright").shares[3], ndtr((off[0] - off[1]) / 3))
