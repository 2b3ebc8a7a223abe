"""train, evaluate: one readable line for every mistake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

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


def test_mistakes_in_settings_of_a_training(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    scratch = ("train", "data/2afc/train/a", "--mode", "scratch", "--out", "m")
    for options, words in (
        (("--lapse", 1), "lapses must be one number in [0, 1)"),
        (("--lapse", 0.1, "--loss", "hinge"), "lapses must be 0 with loss hinge"),
        (("--patience", 3), "patience needs subsets for validation, or a score"),
        (("--start-from", "lin.safetensors"), "start_from must be None in mode scratch; found 'lin.safetensors'"),
        (("--trunk-learning-rate", -1), "trunk_learning_rate must be above 0 and finite"),
        (("--epochs", 0), "decay_epochs must be at least 0, and at least 1 if epochs is 0; found None"),
    ):
        assert words in error(bappsmith(*scratch, *options)), options
    lin = ("train", "data", "--trunk-weights", "random", "--out", "m", "--start-from")
    assert "none.safetensors: no such file" in error(bappsmith(*lin, "none.safetensors"))
    save_checkpoint(tmp_path / "squeeze.safetensors", LPIPS("squeeze", trunk_weights=0), {})
    assert "whose net is alex, found squeeze" in error(bappsmith(*lin, "squeeze.safetensors"))
    assert not (tmp_path / "m").exists()
