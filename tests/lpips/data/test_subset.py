"""A subset as tensors."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.subset import load_subset, to_signed
from bappsmith.manifests.dataset import open_subset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.labelling import Labelling

from .test_pack import noise, write_jnd


def test_pixels_arrive_in_order_as_rgb(tmp_path: Path):
    images = [noise(16, seed) for seed in range(3)]
    subset = load_subset(write_jnd(tmp_path / "s", images))
    assert (subset.kind, len(subset), subset.enlarged) == ("jnd", 3, False)
    assert subset.pixels.shape == (3, 2, 16, 16, 3)
    assert subset.stems == ("000000", "000001", "000002")
    for index, image in enumerate(images):
        assert (subset.image("p1", index) == image).all()
    assert subset.labels.tolist() == pytest.approx([1 / 3] * 3)
    batches = list(subset.batches(2))
    assert [len(labels) for _, labels in batches] == [2, 1]
    expected = torch.from_numpy(images[2].transpose(2, 0, 1)[None] / 127.5 - 1).float()
    torch.testing.assert_close(batches[1][0]["p0"], expected, atol=1e-6, rtol=0)


def test_values_map_to_the_signed_range():
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(1, 2, 1, 1).expand(1, 2, 1, 3)
    assert to_signed(pixels)[0, 0].flatten().tolist() == [-1.0, 1.0]


def test_votes_and_weights_come_from_the_labelling(tiny: tuple[Path, Path]):
    plain = load_subset(tiny[1])
    assert plain.votes.tolist() == [0] * 40
    assert plain.weights.tolist() == [1.0] * 40
    given = Labelling("mine", np.full(40, 0.25), np.arange(40, dtype=np.int32), ("{}",) * 40)
    items = open_subset(tiny[1])
    subset = load_subset(items.judged(replace(given, dropped=("",) * 38 + ("same",) * 2)))
    assert subset.votes.tolist() == list(range(40))
    assert subset.weights.tolist() == [1.0] * 38 + [0.0] * 2
    whole = load_subset(items.judged(given))
    assert whole.weights.tolist() == [1.0] * 40
    assert whole.content == subset.content
    assert whole.counting != subset.counting


def test_votes_and_reasons_of_other_items_are_refused(tiny: tuple[Path, Path]):
    given = Labelling("mine", np.zeros(40), np.zeros(39, np.int32), ("{}",) * 40)
    with pytest.raises(BappsmithError, match="39 numbers of votes for 40 items; give one per item"):
        load_subset(open_subset(tiny[1]).judged(given))
    given = replace(given, votes=np.zeros(40, np.int32), dropped=("",) * 41)
    with pytest.raises(BappsmithError, match="41 weights for 40 items; give one per item"):
        load_subset(open_subset(tiny[1]).judged(given))
    with pytest.raises(BappsmithError, match="41 weights for 40 items; give one per item"):
        load_subset(tiny[1]).judged(given)


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize(
    ("judgments", "error"),
    [
        ([0.5] * 39, "holds 40 items, but labelling 'own' 39 judgments; give one judgment per item"),
        ([0.5] * 39 + [1.5], "the judgment of item 39 in labelling 'own' must be in \\[0, 1\\], found 1.5"),
        ([float("nan")] * 40, "the judgment of item 0 in labelling 'own' must be in \\[0, 1\\], found nan"),
    ],
)
def test_invalid_judgments_are_refused(tiny: tuple[Path, Path], loaded: bool, judgments: list[float], error: str):
    subset = load_subset(tiny[1]) if loaded else open_subset(tiny[1])
    with pytest.raises(BappsmithError, match=error):
        subset.judged(judgments)


def test_a_relabelled_subset_has_the_same_pixels(tiny: tuple[Path, Path]):
    loaded = load_subset(tiny[1])
    shares = np.linspace(0, 1, 40)
    relabelled, opened = loaded.judged(shares), load_subset(open_subset(tiny[1]).judged(shares))
    assert relabelled.pixels is loaded.pixels
    assert relabelled.labels.tolist() == opened.labels.tolist() == shares.astype(np.float32).tolist()
    assert relabelled.content == opened.content != loaded.content
    assert relabelled.votes.tolist() == [0] * 40


def test_another_labelling_of_the_files_packs_nothing_if_judgments_are_given(tiny: tuple[Path, Path], tmp_path: Path):
    root = Path(shutil.copytree(tiny[1].parents[2], tmp_path / "data")) / "2afc/val/tiny"
    subset = open_subset(root)
    path = load_subset(subset).packed
    before = path.stat().st_ino
    for file in (root / "judge").iterdir():
        file.write_bytes(label_bytes(0.25))
    assert load_subset(subset.judged([0.5] * 40)).labels.tolist() == [0.5] * 40
    assert path.stat().st_ino == before
    assert load_subset(root).labels.tolist() == [0.25] * 40
    assert path.stat().st_ino != before


def test_some_items_are_other_pixels(tiny: tuple[Path, Path]):
    whole = load_subset(tiny[1])
    some = whole.take(np.array([3, 1]))
    assert some.stems == ("000003", "000001")
    assert some.pixels_sha256 != whole.pixels_sha256
    assert some.pixels_sha256 == whole.take(np.array([3, 1])).pixels_sha256
    assert some.cache != whole.cache
    assert some.cache.parent == whole.cache.parent
