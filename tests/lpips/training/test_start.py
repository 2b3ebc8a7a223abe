"""A training that begins with the heads of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.model.checkpoint import load_metric, save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.training.start import start_from
from bappsmith.lpips.training.train import train
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders


def test_the_first_heads_are_those_of_the_checkpoint(with_heads: Callable[..., LPIPS], tmp_path: Path):
    theirs, ours = with_heads("squeeze", "lpips"), LPIPS("squeeze", trunk_weights=2)
    save_checkpoint(tmp_path / "lin.safetensors", theirs, {})
    ours.start_heads("lpips", torch.Generator().manual_seed(0))
    start_from(ours, tmp_path / "lin.safetensors")
    for name, value in theirs.head_state().items():
        assert torch.equal(ours.head_state()[name], value)
    assert all(head.requires_grad for head in ours.head_parameters())


@pytest.mark.parametrize(
    ("net", "seed", "taps", "distance", "words"),
    [
        ("alex", 2, None, "lpips", "whose net is alex, found squeeze"),
        ("squeeze", 2, ("features.1",), "lpips", "whose layers is|whose layers are"),
        ("squeeze", 2, None, "fc", "whose distance is fc, found lpips"),
        ("squeeze", 3, None, "lpips", "whose trunk is that of the training, found another one"),
    ],
)
def test_heads_of_another_trunk_or_kind_are_refused(
    net: str,
    seed: int,
    taps: tuple[str, ...] | None,
    distance: str,
    words: str,
    with_heads: Callable[..., LPIPS],
    tmp_path: Path,
):
    save_checkpoint(tmp_path / "lin.safetensors", with_heads("squeeze", "lpips"), {})
    ours = LPIPS(net, trunk_weights=seed, taps=taps)
    ours.start_heads(distance, torch.Generator().manual_seed(0))  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match=words) as refused:
        start_from(ours, tmp_path / "lin.safetensors")
    assert "\n" not in str(refused.value)


def test_tune_goes_on_from_lin_and_never_from_another_start(few: Folders, tmp_path: Path, trunk_file: Path):
    taps = ("features.1",)
    lin = replace(QUICK, mode="lin", trunk_weights=str(trunk_file), taps=taps, epochs=1, decay_epochs=0)
    first = train(lin, [few[0]], out=tmp_path / "lin", cache=tmp_path / "cache").checkpoint
    tune = replace(lin, mode="tune", start_from=str(first), learning_rate=1e-9, trunk_learning_rate=1e-4)
    result = train(tune, [few[0]], out=tmp_path / "tune")
    before, after = load_metric(first), load_metric(result.checkpoint)
    for name, value in before.head_state().items():
        torch.testing.assert_close(after.head_state()[name], value, atol=1e-6, rtol=0)  # the heads hardly moved
    moved = [(after.trunk.state()[name] - value).abs().max().item() for name, value in before.trunk.state().items()]
    assert 1e-5 < max(moved) < 1e-2  # 6 steps of Adam at 1e-4
    train(replace(lin, seed=1), [few[0]], out=tmp_path / "other", cache=tmp_path / "cache")
    first.write_bytes((tmp_path / "other" / "best.safetensors").read_bytes())
    with pytest.raises(BappsmithError, match="another training: the checkpoint to start from"):
        train(tune, [few[0]], out=tmp_path / "tune")
    first.unlink()
    with pytest.raises(BappsmithError, match="no such file"):
        train(tune, [few[0]], out=tmp_path / "tune")
