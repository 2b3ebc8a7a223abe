"""Several subsets, mixed by weight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
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


def counted(subset: PackedSubset, votes: object, weights: object) -> PackedSubset:
    """The same items with other votes and weights, given for the first ones; the others keep theirs."""
    given_votes, given_weights = torch.tensor(votes, dtype=torch.int32), torch.tensor(weights, dtype=torch.float32)
    return replace(
        subset,
        votes=torch.cat([given_votes, subset.votes[len(given_votes) :]]),
        weights=torch.cat([given_weights, subset.weights[len(given_weights) :]]),
    )


def test_items_of_weight_0_are_never_drawn(tiny: tuple[Path, Path]):
    train, val = load_subset(tiny[0]), load_subset(tiny[1])
    mixture = mix([counted(train, [], [0.0] * 50), counted(val, [], [0.0, 2.0])], [2, 1])
    order = mixture.order(torch.Generator().manual_seed(0))
    assert len(order) == mixture.drawn == 2 * 10 + 39
    assert sorted(order.tolist()) == sorted([*range(50, 60), *range(50, 60), *range(61, 100)])


def test_an_item_counts_by_its_weight_and_its_votes(tiny: tuple[Path, Path]):
    train = counted(load_subset(tiny[0]), [5, 0, 2, 7], [1.0, 3.0, 0.5, 0.0])
    by_weight = np.array([1, 3, 0.5, 0] + [1] * 56)
    by_both = by_weight * np.array([5, 1, 2, 7] + [1] * 56)
    for votes, expected in ((False, by_weight), (True, by_both)):
        found = mix([train]).item_weights(votes=votes).numpy()
        np.testing.assert_allclose(found, expected / expected[expected > 0].mean(), rtol=1e-6)
    doubled = replace(train, weights=2 * train.weights)
    assert torch.equal(mix([doubled]).item_weights(votes=True), mix([train]).item_weights(votes=True))


def test_every_subset_has_its_lapse(tiny: tuple[Path, Path]):
    train, val = load_subset(tiny[0]), load_subset(tiny[1])
    assert mix([train, val]).item_lapses.tolist() == [0.0] * 100
    assert mix([train, val], lapses=[0.25]).item_lapses.tolist() == [0.25] * 100
    assert mix([train, val], lapses=[0, 0.5]).item_lapses.tolist() == [0.0] * 60 + [0.5] * 40


@pytest.mark.parametrize("lapses", [[1.0], [-0.1], [float("nan")], [0.1, 0.1]])
def test_lapses_that_are_no_shares_are_refused(lapses: list[float], tiny: tuple[Path, Path]):
    with pytest.raises(
        BappsmithError, match=r"^lapses must be one number in \[0, 1\), or one for each of 1 subsets, found"
    ):
        mix([load_subset(tiny[0])], lapses=lapses)


@pytest.mark.parametrize(
    ("votes", "weights", "words"),
    [
        ([3, 1001], [], r"the number of votes of item 000001 must be in \[0, 1000\], found 1001; correct"),
        ([-1], [], r"the number of votes of item 000000 must be in \[0, 1000\], found -1; correct"),
        ([], [1.0, 0.0, -0.5], r"the weight of item 000002 must be in \[0, 1000\], found -0.5; correct"),
        ([], [float("nan")], r"the weight of item 000000 must be in \[0, 1000\], found nan; correct"),
        ([], [float("inf")], r"the weight of item 000000 must be in \[0, 1000\], found inf; correct"),
        ([], [0.0] * 60, "all items have weight 0, so none counts; leave the subset out"),
    ],
)
def test_invalid_votes_and_weights_are_refused(
    votes: list[int], weights: list[float], words: str, tiny: tuple[Path, Path]
):
    with pytest.raises(BappsmithError, match=words) as refused:
        mix([counted(load_subset(tiny[0]), votes, weights)])
    assert "\n" not in str(refused.value)
