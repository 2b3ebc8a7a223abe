"""The command `evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.distortions import registry
from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS

from .commands import error


def test_mistakes_in_weights_and_metrics(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    (tmp_path / "text.pth").write_text("no weights")
    assert "not a PyTorch weights file" in error(
        bappsmith("train", "data", "--trunk-weights", "text.pth", "--out", "m")
    )
    torch.save(LPIPS("squeeze", trunk_weights=0).trunk.state_dict(), tmp_path / "squeeze.pth")
    assert "do not fit alexnet" in error(bappsmith("train", "data", "--trunk-weights", "squeeze.pth", "--out", "m"))
    assert "did you mean 'ssim'" in error(bappsmith("evaluate", "data", "--metric", "sim"))
    assert "not a .safetensors file" in error(bappsmith("evaluate", "data", "--metric", "text.pth"))
    save_checkpoint(tmp_path / "squeeze.safetensors", LPIPS("squeeze", trunk_weights=0), {})
    wrong = bappsmith("evaluate", "data", "--metric", "squeeze.safetensors", "--net", "vgg")
    assert "is of net 'squeeze', asked for 'vgg'" in error(wrong)


def test_mistakes_in_labels_and_folders(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    judge = tmp_path / "data/2afc/train/a/judge/000003.npy"
    np.save(judge, np.array([np.nan], dtype=np.float32))
    scratch = ("--mode", "scratch", "--out", "m")
    assert "000003.npy: a judgment must be in [0, 1], found nan" in error(bappsmith("train", "data", *scratch))
    judge.unlink()
    assert "no file for 000003" in error(bappsmith("train", "data/2afc/train/a", *scratch))
    assert "no such folder" in error(bappsmith("train", "nowhere", *scratch))
    assert not (tmp_path / "m").exists()


def test_people_s_scores_and_ramps_are_printed_and_reported(
    bappsmith, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    few = {name: registry.operators()[name] for name in ("gaussian_blur", "jpeg")}
    monkeypatch.setattr(registry, "_operators", few)
    rng = np.random.default_rng(0)
    lines = ["reference,distorted,score,type"]
    reference = rng.integers(60, 180, (16, 16, 3), np.uint8)
    Image.fromarray(reference).save(tmp_path / "r.png")
    for level in range(1, 8):
        Image.fromarray(reference + np.uint8(5 * level)).save(tmp_path / f"{level}.png")
        lines.append(f"r.png,{level}.png,{-level},brighter")
    (tmp_path / "own.csv").write_text("\n".join(lines))
    scores = ("--mos", "own.csv", "--metric", "l2", "--metric", "psnr")
    ran = bappsmith("evaluate", *scores, "--report", "r.html")
    assert ran.status == 0
    assert [line.split()[1:5] for line in ran.out.splitlines() if line.split()[:2] == ["own.csv", "psnr"]] == [
        ["psnr", "SROCC", "7", "1.000"],
        ["psnr", "KROCC", "7", "1.000"],
        ["psnr", "PLCC", "7", "1.000"],
        ["psnr", "pairs", "15", "100.0"],
    ]
    assert "own.csv  SROCC  l2: +0.000 (+0.000 – +0.000)" in ran.out
    assert "SROCC, × 100, on parts of own.csv" in (tmp_path / "r.html").read_text(encoding="utf-8")
    as_json = json.loads(bappsmith("evaluate", *scores[:4], "--ramps", photos, "--json").out)
    assert {row["subset"] for row in as_json["scores"]} == {"own.csv", "ramps"}
    assert {part["value"] for part in as_json["parts"]} == {"brighter", "gaussian_blur", "jpeg"}
    assert {part["by"] for part in as_json["parts"]} == {"type", "operator"}


def test_mistakes_in_people_s_scores_and_ramps(bappsmith, tmp_path: Path):
    assert "nothing to score on; give a subset or dataset, --mos PATH or --ramps PHOTOS" in error(bappsmith("evaluate"))
    assert "nowhere: no such file or folder" in error(bappsmith("evaluate", "--mos", "nowhere"))
    (tmp_path / "own.csv").write_text("reference,distorted,score\nr.png,d.png,1\n")
    assert "own.csv: 2 of its images are missing, first r.png" in error(bappsmith("evaluate", "--mos", "own.csv"))
    assert "nowhere" in error(bappsmith("evaluate", "--ramps", "nowhere"))
