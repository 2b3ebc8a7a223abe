"""train, evaluate: one readable line for every mistake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from bappsmith.lpips.model.checkpoint import load_metric, save_checkpoint
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


def test_forms_by_name(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    torch.save(LPIPS("squeeze", trunk_weights=0).trunk.state(), tmp_path / "squeeze.pth")
    trunk = ("--net", "squeeze", "--trunk-weights", "squeeze.pth")
    two = ("--form", "structure", "--form", "local", "--epochs", "1", "--decay-epochs", "0")
    assert bappsmith("train", "data", *trunk, *two, "--out", "m").status == 0
    assert load_metric(tmp_path / "m/last.safetensors").forms == ("local", "structure")
    scored = bappsmith("evaluate", "data", *trunk, "--metric", "untrained-structure", "--metric", "m/last.safetensors")
    assert scored.status == 0
    assert "has form local, structure" in error(bappsmith("export", "m/last.safetensors", "--out", "x.pth"))
    assert "forms must be" in error(bappsmith("evaluate", "data", *trunk, "--metric", "untrained-texture"))
    fc = bappsmith("train", "data", *trunk, "--form", "mean", "--distance", "fc", "--out", "n")
    assert "forms must be ('local',) for distance fc; found ('mean',)" in error(fc)


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
