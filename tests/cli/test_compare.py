"""compare: two images, or two folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from .commands import error


def test_images_and_folders_are_compared(bappsmith, photos: Path, tmp_path: Path):
    shutil.copytree(photos, tmp_path / "copy")
    one, two = photos / "photo0.png", tmp_path / "copy" / "photo0.png"
    with Image.open(one) as image:
        image.convert("L").save(two)
    ran = bappsmith("compare", one, two)
    assert ran.status == 0
    assert ran.out.split()[:4] == ["MSE", "↓", "SSIM", "↑"]
    found = json.loads(bappsmith("compare", photos, "copy", "--metric", "l2", "--metric", "random", "--json").out)
    assert [row["name"] for row in found["pairs"]] == [f"photo{k}" for k in range(5)]
    assert found["pairs"][0]["l2"] > 0
    assert found["pairs"][1] == {"name": "photo1", "l2": 0, "random": 0}
    assert found["mean"]["l2"] == pytest.approx(found["pairs"][0]["l2"] / 5)
    assert "mean" in bappsmith("compare", photos, "copy").out
    two.write_bytes(b"broken")
    assert "photo0.png" in error(bappsmith("compare", photos, "copy"))
