"""The command `quickstart`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .commands import Ran, error


def test_weights_that_do_not_exist_are_refused_before_the_work_begins(bappsmith: Callable[..., Ran], tmp_path: Path):
    assert "nowhere.pth" in error(bappsmith("quickstart", "--trunk-weights", "nowhere.pth"))
    assert not (tmp_path / "quickstart").exists()


@pytest.mark.slow
def test_the_whole_road_ends_with_a_page(bappsmith: Callable[..., Ran], tmp_path: Path):
    ran = bappsmith("quickstart", "--json")
    assert ran.status == 0, ran.err
    figures = json.loads(ran.out)
    page = tmp_path / figures["page"]
    text = page.read_text(encoding="utf-8")
    for name in ("astronaut", "camera", "chelsea", "coffee", "motorcycle_left", "rocket"):
        assert f"{name}." in text
    for link in ("dataset-report/index.html", "dataset-report/overview.html", "report.html", "dataset/README.md"):
        assert f'href="{link}"' in text
        assert (page.parent / link).is_file()
    assert {row["metric"] for row in figures["scores"]} == {"L2", "SSIM", "untrained", "trained"}
    assert {row["subset"] for row in figures["scores"]} == {"2afc/val/traditional"}
