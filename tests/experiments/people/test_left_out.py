"""Heads for types that no label has seen: the script runs, and pairs keep to their folds."""

from __future__ import annotations

from pathlib import Path

import left_out
import numpy as np
import pytest
import torch
from cells import read_scores
from kadid_types import TYPES
from PIL import Image

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.lpips import LPIPS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One photograph in colour, 512 px."""
    from skimage.data import astronaut

    Image.fromarray(astronaut()).save(tmp_path / "astronaut.png")
    return tmp_path


def test_pairs_are_patches_of_two_cells_at_one_place(folder: Path, scores_file: Path):
    metric = LPIPS("alex", trunk_weights=0, forms=("covariance",))
    scores = read_scores(scores_file)
    cell0, cell1, columns = left_out.pair_columns(metric, folder / "astronaut.png", "astronaut.png", scores, 1)
    assert len(cell0) == len(cell1) == len(columns) <= 12
    assert columns.shape[1:] == (2, sum(metric.trunk.channels))
    assert (columns >= 0).all()
    assert cell0[:, 0].max() < len(TYPES)
    assert cell0[:, 1].max() < 5
    again = left_out.pair_columns(metric, folder / "astronaut.png", "astronaut.png", scores, 1)
    assert np.array_equal(again[0], cell0)
    assert torch.equal(again[2], columns)


def test_heads_learn_the_column_that_decides(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(left_out, "STEPS", 150)
    metric = LPIPS("alex", trunk_weights=0, forms=("covariance",))
    columns = torch.rand(2000, 2, sum(metric.trunk.channels), generator=torch.Generator().manual_seed(0)) / 100
    columns[..., 0] *= 100
    judged = (columns[:, 0, 0] > columns[:, 1, 0]).float()
    left_out.fit(metric, columns, judged, 0)
    weights = torch.cat(metric.scaled_heads()).detach()
    assert weights[0] > weights[1:].mean()
    d0, d1 = metric.weigh(columns.flatten(0, 1)).detach().view(-1, 2).unbind(1)
    assert ((d0 > d1) == (judged > 0)).float().mean() > 0.9


@pytest.mark.slow
def test_the_script_prints_a_row_for_each_seed(
    folder: Path, scores_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(left_out, "STEPS", 3)
    monkeypatch.setattr(left_out, "held_out", lambda *_: ["astronaut.png"])
    torch.save(Trunk("alex", 0).state(), tmp_path / "alex.pth")
    weights = ["--trunk-weights", str(tmp_path / "alex.pth"), "--form", "local", "--form", "covariance"]
    sizes = ["--pairs", "4", "--seeds", "2"]
    left_out.main(["--photos", str(folder), "--scores", str(scores_file), *weights, *sizes])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ") and "seed" not in line]
    assert [row.split("|")[1].strip() for row in rows] == ["0", "1"]
