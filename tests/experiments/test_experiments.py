"""The experiments run from end to end, in the smallest form."""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.named import read_heads_header

ROOT = Path(__file__).resolve().parents[2] / "experiments"


def script(place: str) -> ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(Path(place).stem, ROOT / place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("trunk") / "alex.pth"
    torch.save(Trunk("alex", 0).state(), path)
    return str(path)


def test_three_losses_train_one_autoencoder(tmp_path: Path, trunk: str):
    heads = Path(str(importlib.resources.files("lpips"))) / "weights" / "v0.1" / "alex.pth"
    sizes = ["--patches", "40", "--steps", "3", "--batch", "4", "--width", "4"]
    out = ["--out", str(tmp_path)]
    script("loss/autoencoder.py").main(["--trunk-weights", trunk, "--head-weights", str(heads), *sizes, *out])
    table = (tmp_path / "losses.md").read_text().splitlines()
    assert [row.split("|")[1].strip() for row in table[2:]] == ["L2", "MS-SSIM", "LPIPS + L2"]
    assert len({row.split("|", 2)[2] for row in table[2:]}) == 3
    with Image.open(tmp_path / "losses.png") as picture:
        assert picture.size[1] == 4 * 64 * 2


@pytest.mark.slow
def test_the_poster_has_a_score_for_every_cell_that_has_weights(tmp_path: Path, trunk: str, photos: Path):
    sizes = ["--triplets", "24", "--epochs", "1"]
    script("poster/poster.py").main(["--photos", str(photos), "--alex-weights", trunk, "--out", str(tmp_path), *sizes])
    rows = (tmp_path / "poster.md").read_text().splitlines()[2:]
    cells = {tuple(row.split(" | ")[:2]): row.strip("| ").split(" | ")[2:] for row in rows}
    assert cells["| VGG16, 2 layers", "pretrained"] == ["not given"] * 3
    for backbone, kind in (
        ("VGG16, 2 layers", "random"),
        ("AlexNet, 4 layers", "pretrained"),
        ("AlexNet, 4 layers", "random"),
    ):
        assert all(0 <= float(score) <= 100 for score in cells[f"| {backbone}", kind])
    assert (tmp_path / "poster.png").stat().st_size > 10_000


@pytest.mark.slow
def test_held_out_networks_score_both_metrics(tmp_path: Path, trunk: str, photos: Path, bank: Path):
    given = ["--photos", str(photos), "--bank", str(bank), "--held-out", str(bank), "--trunk-weights", trunk]
    sizes = ["--triplets", "30", "--epochs", "1"]
    script("networks/held_out.py").main([*given, *sizes, "--out", str(tmp_path)])
    rows = (tmp_path / "lin.md").read_text().splitlines()[2:]
    scores = {row.split(" | ")[0].strip("| "): row.strip("| ").split(" | ")[1:] for row in rows}
    assert list(scores) == ["l2", "ssim", "untrained", "lin, traditional", "lin, all three"]
    assert all(0 <= float(cell.split(" ")[0]) <= 100 for cells in scores.values() for cell in cells)
    one, other = (tmp_path / f"lin-{name}" / "last.safetensors" for name in ("traditional-all", "traditional"))
    assert one.read_bytes() != other.read_bytes()
    assert (tmp_path / "lin.html").stat().st_size > 10_000


@pytest.mark.slow
def test_the_default_metric_is_made_of_its_recipe(tmp_path: Path, trunk: str, photos: Path):
    recipe = (ROOT / "default_metric" / "recipe.yaml").read_text(encoding="utf-8")
    for count in ("20480", "5120", "2048"):
        assert f"triplets: {count}" in recipe
        recipe = recipe.replace(f"triplets: {count}", "triplets: 30")
    (tmp_path / "small.yaml").write_text(recipe, encoding="utf-8")
    sizes = ["--recipe", str(tmp_path / "small.yaml"), "--seeds", "1", "--held-out", "0"]
    out = tmp_path / "out"
    script("default_metric/make.py").main(
        ["--photos", str(photos), "--trunk-weights", trunk, "--out", str(out), *sizes]
    )
    for forms in ("local-covariance", "local"):
        header = read_heads_header(out / f"alex-{forms}-0" / "heads.safetensors")
        assert "-".join(json.loads(header["forms"])) == forms


def test_a_sheet_shows_every_algorithm_of_a_family(tmp_path: Path):
    script("real_algorithms/sheet.py").main(
        ["--family", "super_resolution", "--patches", "2", "--side", "32", "--out", str(tmp_path / "sheet.png")]
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (6 * 100 + 4, 16 + 2 * 100 + 4)


@pytest.mark.slow
def test_filters_are_learnt_with_the_hashes_of_their_photographs(tmp_path: Path):
    learn = script("learnt_filters/learn.py")
    learn.main(["--passes", "1", "--side", "96", "--out", str(tmp_path / "filters.npz")])
    filters = np.load(tmp_path / "filters.npz")
    assert {name: filters[name].shape[1] for name in filters.files} == {"2": 4, "3": 9, "4": 16}
    assert abs(filters["2"].astype(float).sum(axis=2) - 1).max() < 0.5  # a plain image nearly stays
    shipped = ROOT.parent / "distortions" / "restoration" / "super_resolution" / "learnt_filters.photographs.txt"
    assert (tmp_path / "filters.photographs.txt").read_text() == shipped.read_text()


@pytest.mark.slow
def test_selections_are_compared_with_random(tmp_path: Path, trunk: str, photos: Path):
    sizes = ["--triplets", "60", "--budget", "20", "--seeds", "2"]
    script("annotation/selection.py").main(
        ["--photos", str(photos), "--trunk-weights", trunk, "--out", str(tmp_path), *sizes]
    )
    results = json.loads((tmp_path / "results.json").read_text())
    assert set(results) == {"scale", "haarpsi"}
    assert results["scale"]["learning"]["20"]["random"]["gap"] == 0
    assert len(results["haarpsi"]["comparing"]) == 6
    assert "## People follow haarpsi" in (tmp_path / "results.md").read_text(encoding="utf-8")
