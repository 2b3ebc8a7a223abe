"""The experiments run from end to end, in the smallest form."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.slow
def test_the_poster_has_a_score_for_every_cell_that_has_weights(tmp_path: Path, trunk: str, photos: Path):
    arguments = ["--photos", str(photos), "--weights", f"alex={trunk}", "--out", str(tmp_path)]
    poster = script("poster/poster.py")
    poster.main([*arguments, "--triplets", "24", "--epochs", "1", "--seeds", "2"])
    results = json.loads((tmp_path / "poster.json").read_text())
    found = {(row["backbone"], row["kind"]) for row in results["rows"]}
    assert found == {(backbone, "random") for backbone in poster.BACKBONES} | {("AlexNet, 4 layers", "pretrained")}
    assert len(results["rows"]) == 3 * len(found)
    for row in results["rows"]:
        for name in ("2AFC", "accuracy"):
            assert 0 <= row[name]["low"] <= row[name]["score"] <= row[name]["high"] <= 1
            assert len(row[name]["seeds"]) == 2
    rows = (tmp_path / "poster.md").read_text()
    assert "| VGG16, 2 layers | pretrained | | not given | not given |" in rows
    names = [{path.name for path in (tmp_path / "photos" / side).iterdir()} for side in ("training", "test")]
    assert not names[0] & names[1]
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
