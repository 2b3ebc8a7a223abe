"""Train and val never share a photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.sources.split import split_photographs


@given(
    contents=st.lists(st.integers(0, 30), min_size=2, max_size=40).filter(lambda found: len(set(found)) > 1),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**64 - 1),
)
def test_train_and_val_never_share_a_photograph(contents: list[int], fraction: float, seed: int):
    photographs = [Photograph(f"{i}.png", f"file{i}", 64, 64, f"pixels{content}") for i, content in enumerate(contents)]
    split = split_photographs(photographs, fraction, seed)
    train, val = ({photo.pixels_sha256 for photo in split[side]} for side in ("train", "val"))
    assert train
    assert val
    assert not train & val
    assert sorted(p.name for side in split.values() for p in side) == sorted(p.name for p in photographs)
    assert split_photographs(photographs[::-1], fraction, seed) == split


def test_the_same_pixels_saved_again_stay_on_one_side(tmp_path: Path):
    for seed in range(4):
        pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        for level in (0, 1, 6, 9):
            Image.fromarray(pixels).save(tmp_path / f"{seed}-{level}.png", compress_level=level)
    photographs = index_sources(Sources(path=str(tmp_path))).photographs
    assert len({photo.sha256 for photo in photographs}) > 4
    split = split_photographs(photographs, 0.5, 0)
    train, val = ({photo.name[0] for photo in split[side]} for side in ("train", "val"))
    assert train
    assert val
    assert not train & val
