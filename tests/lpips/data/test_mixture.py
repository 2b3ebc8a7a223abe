"""Several subsets, mixed by weight."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import load_subset
from bappsmith.manifests.errors import BappsmithError

from .test_pack import noise, write_jnd


def test_subsets_are_mixed_by_weight(tiny: tuple[Path, Path]):
    train, val = load_subset(tiny[0]), load_subset(tiny[1])
    mixture = mix([train, val], [0.5, 2])
    order = mixture.order(torch.Generator().manual_seed(0))
    assert len(order) == 30 + 80
    of_train, of_val = order[order < 60], order[order >= 60]
    assert len(of_train) == len(set(of_train.tolist())) == 30
    assert torch.bincount(of_val - 60, minlength=40).tolist() == [2] * 40
    pixels, judge = mixture.take(torch.tensor([61, 3]))
    assert pixels.shape == (6, 3, 64, 64)
    assert judge.tolist() == [val.labels[1].item(), train.labels[3].item()]
    for row, (subset, folder, index) in enumerate(
        [(s, f, i) for f in ("ref", "p0", "p1") for s, i in ((val, 1), (train, 3))]
    ):
        expected = torch.from_numpy(subset.image(folder, index).transpose(2, 0, 1)).float() / 127.5 - 1
        torch.testing.assert_close(pixels[row], expected)


def test_what_cannot_be_mixed_is_refused(tmp_path: Path, tiny: tuple[Path, Path]):
    train = load_subset(tiny[0])
    with pytest.raises(BappsmithError, match="found a JND subset"):
        mix([train, load_subset(write_jnd(tmp_path / "s", [noise(64)]))])
    with pytest.raises(BappsmithError, match="one number above 0"):
        mix([train], [1, 2])
    with pytest.raises(BappsmithError, match="one number above 0"):
        mix([train], [-1])
    with pytest.raises(BappsmithError, match="at least one"):
        mix([])
