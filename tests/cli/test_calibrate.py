"""The command `calibrate` refuses what it cannot fit, in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from bappsmith.lpips.model.backbones import Trunk

from .commands import Ran, error


def test_a_trunk_that_the_yardstick_was_not_fitted_with_is_refused(bappsmith: Callable[..., Ran]):
    torch.save(Trunk("alex", 0).state(), "random.pth")
    message = error(bappsmith("calibrate", "jpeg", "--out", "table.json", "--trunk-weights", "random.pth"))
    assert "trunk weights random.pth are not those that the yardstick was fitted with" in message
    assert not Path("table.json").exists()


def test_a_table_needs_a_name(bappsmith: Callable[..., Ran]):
    assert "name the file of the table with --out" in error(bappsmith("calibrate", "jpeg"))
