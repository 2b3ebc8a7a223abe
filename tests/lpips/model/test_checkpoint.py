"""Trained metrics as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.lpips.model.checkpoint import load_metric, save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def test_checkpoints_that_cannot_be_used_are_refused(tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0)
    save_checkpoint(tmp_path / "a.safetensors", metric, {})
    with pytest.raises(BappsmithError, match="is of net 'squeeze', asked for 'alex'"):
        load_metric(tmp_path / "a.safetensors", net="alex")
    with pytest.raises(BappsmithError, match="no such file"):
        load_metric(tmp_path / "none.safetensors")
    data = (tmp_path / "a.safetensors").read_bytes()
    for name, content in {"cut": data[: len(data) // 2], "text": b"hello", "empty": b""}.items():
        (tmp_path / f"{name}.safetensors").write_bytes(content)
        with pytest.raises(BappsmithError, match=f"{name}.safetensors: not a .safetensors file"):
            load_metric(tmp_path / f"{name}.safetensors")
