"""A trunk in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bappsmith.lpips.model.backbones import Trunk


@pytest.fixture(scope="session")
def trunk_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random SqueezeNet trunk as a file."""
    path = tmp_path_factory.mktemp("trunk") / "squeeze.pth"
    torch.save(Trunk("squeeze", 1).state(), path)
    return path
