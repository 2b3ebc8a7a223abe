"""Reading subsets: ours, and the enlarged ones that are distributed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.lpips.data import join, load_subset, to_signed
from bappsmith.manifests.errors import BappsmithError


def write_jnd(root: Path, images: list[np.ndarray]) -> Path:
    for folder in ("p0", "p1", "same"):
        (root / folder).mkdir(parents=True)
    for i, image in enumerate(images):
        for folder in ("p0", "p1"):
            Image.fromarray(image).save(root / folder / f"{i:06d}.png")
        np.save(root / "same" / f"{i:06d}.npy", np.array(1 / 3, dtype=np.float32))
    return root


def noise(side: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_pixels_arrive_in_order_as_rgb(tmp_path: Path):
    images = [noise(16, seed) for seed in range(3)]
    subset = load_subset(write_jnd(tmp_path / "s", images))
    assert (subset.kind, len(subset), subset.enlarged) == ("jnd", 3, False)
    assert subset.images["p1"].shape == (3, 3, 16, 16)
    for found, image in zip(subset.images["p1"], images, strict=True):
        assert (found.numpy().transpose(1, 2, 0) == image).all()
    assert subset.labels.tolist() == pytest.approx([1 / 3] * 3)


def test_enlarged_patches_are_recognised_and_inverted(tmp_path: Path):
    small = [noise(16, seed) for seed in range(2)]
    large = [image.repeat(4, axis=0).repeat(4, axis=1) for image in small]
    subset = load_subset(write_jnd(tmp_path / "s", large))
    assert subset.enlarged
    assert (subset.images["p0"][1].numpy().transpose(1, 2, 0) == small[1]).all()
    large[1] = large[1].copy()
    large[1][5, 5] ^= 1  # a single pixel says that these are no enlarged patches
    assert not load_subset(write_jnd(tmp_path / "t", large)).enlarged


def test_values_map_to_the_signed_range():
    assert to_signed(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]


def test_images_of_different_size_and_broken_images_are_named(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16), noise(20)])
    with pytest.raises(BappsmithError, match=r"p0/000001\.png.*20×20, others 16×16"):
        load_subset(root)
    (root / "p1" / "000000.png").write_bytes(b"broken")
    with pytest.raises(BappsmithError, match=r"p1/000000\.png: not a readable image"):
        load_subset(root)


def test_subsets_of_two_kinds_do_not_join(tmp_path: Path, tiny: tuple[Path, Path]):
    jnd = load_subset(write_jnd(tmp_path / "s", [noise(64)]))
    with pytest.raises(BappsmithError, match="differ in kind"):
        join([jnd, load_subset(tiny[1])])
    both = join([load_subset(tiny[1]), load_subset(tiny[1])])
    assert len(both) == 80
