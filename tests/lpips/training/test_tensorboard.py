"""Curves for TensorBoard."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bappsmith.lpips.training.train import train
from bappsmith.manifests.errors import BappsmithError

from .test_train import QUICK, Folders

CONFIG = replace(QUICK, taps=("features.1",))


def test_tensorboard_is_an_extra(few: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(BappsmithError, match=r"pip install 'bappsmith\[tensorboard\]'"):
        train(CONFIG, [few[0]], out=tmp_path / "run", tensorboard=True)
    written = []

    class Writer:
        def __init__(self, folder: str) -> None:
            assert folder == str(tmp_path / "run" / "tensorboard")

        def __enter__(self) -> Writer:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

        def flush(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    result = train(CONFIG, [few[0]], out=tmp_path / "run", tensorboard=True)
    assert ("loss", result.history[2]["loss"], 3) in written
