"""Distances of given images: paired by name, batched by size, the same as one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bappsmith.lpips.evaluation import compare as module
from bappsmith.lpips.evaluation.baselines import l2, ssim
from bappsmith.lpips.evaluation.compare import compare, pair_up
from bappsmith.manifests.errors import BappsmithError

SIDES = (32, 32, 48, 32)


def pixels(path: Path) -> np.ndarray:
    """An image that follows from its path."""
    seed = sum(map(ord, f"{path.parent.name}{path.stem}"))
    side = SIDES[int(path.stem)]
    return np.random.default_rng(seed).integers(0, 256, (side, side + 8, 3), dtype=np.uint8)


def folders(root: Path) -> tuple[Path, Path]:
    for name in ("one", "two"):
        (root / name).mkdir()
        for k in range(4):
            (root / name / f"{k}.{'png' if name == 'one' else 'JPG'}").touch()
    return root / "one", root / "two"


@pytest.mark.parametrize("batch", [1, 2 * 32 * 40, 10**9])
def test_folders_are_paired_by_stem_and_batches_change_nothing(
    tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "BATCH_PIXELS", batch)
    pairs = pair_up(*folders(tmp_path), (".png", ".jpg"))
    assert list(pairs) == ["0", "1", "2", "3"]
    calls = []
    found = compare(pairs, {"l2": l2, "ssim": ssim}, pixels, progress=lambda *call: calls.append(call))
    assert [row.name for row in found] == list(pairs)
    assert calls[-1] == (4, 4)
    for row in found:
        one, two = (pixels(path).astype(np.float64) / 127.5 - 1 for path in pairs[row.name])
        assert row.distances["l2"] == pytest.approx(((one - two) ** 2).mean(), rel=1e-5)


def test_what_cannot_be_paired_is_named(tmp_path: Path):
    one, two = folders(tmp_path)
    (two / "2.JPG").unlink()
    (two / "3.JPG").unlink()
    with pytest.raises(BappsmithError, match="two: no image for 2, 3, which the other folder has"):
        pair_up(one, two, (".png", ".jpg"))
    with pytest.raises(BappsmithError, match="not one of each"):
        pair_up(one, two / "0.JPG", (".png", ".jpg"))
    with pytest.raises(BappsmithError, match="nowhere: no such file or folder"):
        pair_up(one, tmp_path / "nowhere", (".png",))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(BappsmithError, match="no image found"):
        pair_up(tmp_path / "a", tmp_path / "b", (".png",))


def test_images_of_different_size_are_refused(tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"differ in size: 40×32 and 56×48 px"):
        compare({"x": (tmp_path / "1.png", tmp_path / "2.png")}, {"l2": l2}, pixels)
