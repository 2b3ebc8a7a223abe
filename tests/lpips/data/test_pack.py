"""Reading subsets: ours, and the enlarged ones that are distributed; packed once, checked each time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.lpips.data import pack as pack_module
from bappsmith.lpips.data.subset import load_subset
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


def enlarge(image: np.ndarray) -> np.ndarray:
    return image.repeat(4, axis=0).repeat(4, axis=1)


def test_enlarged_patches_are_recognised_and_inverted(tmp_path: Path):
    small = [noise(16, seed) for seed in range(2)]
    large = [enlarge(image) for image in small]
    subset = load_subset(write_jnd(tmp_path / "s", large))
    assert subset.enlarged
    assert (subset.image("p0", 1) == small[1]).all()
    large[1] = large[1].copy()
    large[1][5, 5] ^= 1  # a single pixel says that these are no enlarged patches
    assert not load_subset(write_jnd(tmp_path / "t", large)).enlarged


def test_a_late_image_that_is_not_enlarged_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pack_module, "_SAMPLED", 2)
    images = [enlarge(noise(16, seed)) for seed in range(3)] + [noise(64)]
    subset = load_subset(write_jnd(tmp_path / "s", images))
    assert not subset.enlarged
    assert (subset.image("p0", 0) == images[0]).all()
    assert (subset.image("p0", 3) == images[3]).all()


def test_the_reference_reduction_blurs_as_the_facts_say(tmp_path: Path):
    small = noise(16)
    root = write_jnd(tmp_path / "s", [enlarge(small)])
    found = load_subset(root, reduction="reference").image("p0", 0).astype(float)
    # [1/8, 3/4, 1/8] each way, away from the border.
    kernel = np.array([1 / 8, 3 / 4, 1 / 8])
    rows = sum(kernel[k] * small[k : k + 14].astype(float) for k in range(3))
    both = sum(kernel[k] * rows[:, k : k + 14] for k in range(3))
    assert np.abs(found[1:-1, 1:-1] - both).max() <= 1.01  # two roundings
    assert np.abs(found - small).mean() > 5
    assert (load_subset(root).image("p0", 0) == small).all()


def test_the_odd_smaller_ones_among_enlarged_files_are_read(tmp_path: Path):
    images = [enlarge(noise(16)), enlarge(noise(15))]
    subset = load_subset(write_jnd(tmp_path / "s", images))
    assert (subset.image("p0", 1)[:15, :15] == noise(15)).all()
    assert (subset.image("p0", 1)[15, :15] == noise(15)[14]).all()
    with pytest.raises(BappsmithError, match="14×14, others 16×16"):
        load_subset(write_jnd(tmp_path / "t", [enlarge(noise(16)), enlarge(noise(14))]))


def test_images_of_different_size_and_broken_images_are_named(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(20), noise(16)])
    with pytest.raises(
        BappsmithError, match=r"p0/000001\.png.*16×16, others 20×20; to leave the item out, move all files "
    ):
        load_subset(root)
    (root / "p1" / "000000.png").write_bytes(b"broken")
    with pytest.raises(BappsmithError, match=r"p1/000000\.png: not a readable image"):
        load_subset(root)
    assert [path.name for path in tmp_path.glob("s-packed/*")] == [".s.safetensors.lock"]


def test_no_image_is_decoded_twice_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = write_jnd(tmp_path / "s", [noise(16), noise(16, 1)])
    decoded: list[Path] = []
    real = pack_module.decode_image
    monkeypatch.setattr(pack_module, "decode_image", lambda file, **k: (decoded.append(file), real(file, **k))[1])
    first = load_subset(root)
    assert decoded
    decoded.clear()
    again = load_subset(root)
    assert (decoded, again.content, again.packed) == ([], first.content, first.packed)
    Image.fromarray(noise(16, 2)).save(root / "p1" / "000001.png")
    changed = load_subset(root)
    assert decoded
    assert changed.content != first.content
    assert (changed.image("p1", 1) == noise(16, 2)).all()
    np.save(root / "same" / "000000.npy", np.array(2 / 3, dtype=np.float32))
    assert load_subset(root).labels[0] == np.float32(2 / 3)
    for folder in ("p0", "p1"):
        (root / folder / "000001.png").unlink()
    (root / "same" / "000001.npy").unlink()
    assert len(load_subset(root)) == 1


def test_a_broken_packed_file_is_made_anew(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16)])
    path = load_subset(root).packed
    path.write_bytes(path.read_bytes()[:5000])
    assert (load_subset(root).image("p0", 0) == noise(16)).all()


def test_packed_files_stand_beside_the_dataset_or_in_a_cache(tmp_path: Path, tiny: tuple[Path, Path]):
    assert (
        load_subset(tiny[1]).packed
        == tiny[1].parents[2].with_name(f"{tiny[1].parents[2].name}-packed") / "2afc-val-tiny.safetensors"
    )
    cached = load_subset(tiny[1], cache=tmp_path / "cache").packed
    assert cached.parent == tmp_path / "cache"
    moved = shutil.copytree(tiny[1].parents[2], tmp_path / "elsewhere" / tiny[1].parents[2].name)
    assert load_subset(moved / "2afc/val/tiny", cache=tmp_path / "cache").packed != cached


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16)])
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(BappsmithError, match="--cache"):
        load_subset(root, cache=tmp_path / "closed")


def test_a_cache_that_is_a_file_is_named(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16)])
    (tmp_path / "file").touch()
    with pytest.raises(BappsmithError, match=r"cannot be written to .*file .*--cache"):
        load_subset(root, cache=tmp_path / "file")
