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


def test_all_pairs_of_a_folder(bappsmith, photos: Path, tmp_path: Path):
    found = json.loads(
        bappsmith("compare", photos, "--all-pairs", "--nearest", "2", "--metric", "random", "--json").out
    )
    assert len(found["nearest"]) == 10
    assert {row["rank"] for row in found["nearest"]} == {1, 2}
    ran = bappsmith("compare", photos, "--all-pairs", "--metric", "random", "--out", tmp_path / "near.parquet")
    assert ran.status == 0
    assert "photo0" in ran.out
    assert (tmp_path / "near.parquet").is_file()
    assert "give a second image or folder, or --all-pairs" in error(bappsmith("compare", photos))
    assert "--out" in error(bappsmith("compare", photos, photos, "--out", tmp_path / "x.parquet"))
    several = ("compare", photos, "--all-pairs", "--metric", "l2", "--metric", "ssim", "--out", tmp_path / "x.npy")
    assert "holds the distances of one metric" in error(bappsmith(*several))
