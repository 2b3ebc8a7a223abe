"""The scripts of experiments/people as modules, and a table of scores in the layout that they read."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "experiments" / "people"), str(HERE)]


@pytest.fixture(scope="session")
def photo() -> NDArray[np.uint8]:
    """A photograph of 192×256 px."""
    from skimage.data import astronaut

    return astronaut()[:192, 100:356].copy()


@pytest.fixture
def scores_file(tmp_path: Path) -> Path:
    """A CSV of scores: level 1 is 4.5, level 5 is 1.3, and types differ a little."""
    from parameters import PARAMETERS

    rows = [
        f"{row + 1},{name},{level + 1},{parameter},81,{4.5 - 0.8 * level - 0.01 * row:.3f},0.3"
        for row, (name, parameters) in enumerate(PARAMETERS.items())
        for level, parameter in enumerate(parameters)
    ]
    path = tmp_path / "scores.csv"
    header = "type,name,level,generator_param,n,mean_dmos,sd_over_refs"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
