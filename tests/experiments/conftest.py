"""The scripts of experiments as modules, and weights of a trunk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.model.backbones import Trunk

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@pytest.fixture(scope="module", autouse=True)
def scripts() -> Iterator[Path]:
    """The folder of experiments; its scripts can be imported as they import each other."""
    before = sys.path[:]
    folders = sorted({script.parent for script in EXPERIMENTS.rglob("*.py")})
    sys.path[:0] = map(str, folders)
    yield EXPERIMENTS
    sys.path[:] = before


@pytest.fixture(scope="session")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with random weights of AlexNet."""
    path = tmp_path_factory.mktemp("trunk") / "alex.pth"
    torch.save(Trunk("alex", 0).state(), path)
    return str(path)
