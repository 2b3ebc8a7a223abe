"""Train on several subsets together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError

from .subset import PackedSubset, to_signed

MOST_VOTES, MOST_WEIGHT = 1000, 1000
"""Largest number of votes on an item, and largest weight of an item or a subset."""


@dataclass(frozen=True)
class Mixture:
    """Several 2AFC subsets to train on.

    Attributes:
        subsets: subsets whose images have one size.
        weights: how often an epoch uses each subset: 1 uses every triplet once, 0.5 half of them, 2 all twice.
        lapses: assumed share of random votes in each subset, in [0, 1).
    """

    subsets: tuple[PackedSubset, ...]
    weights: tuple[float, ...]
    lapses: tuple[float, ...]

    def __len__(self) -> int:
        return sum(map(len, self.subsets))

    @cached_property
    def labels(self) -> Tensor:
        """Judgments of the concatenated subsets: float32, shape (N,), in [0, 1]."""
        return torch.cat([subset.labels for subset in self.subsets])

    @cached_property
    def item_lapses(self) -> Tensor:
        """Lapse of the subset of each item: float32, shape (N,)."""
        parts = zip(self.subsets, self.lapses, strict=True)
        return torch.cat([torch.full((len(subset),), lapse) for subset, lapse in parts])

    def item_weights(self, *, votes: bool) -> Tensor:
        """Return how much each item counts in the loss: float32, shape (N,), with mean 1 over items that count at all.

        Args:
            votes: whether an item also counts once per vote. A judgment without votes counts as one vote.
        """
        weights = np.concatenate([subset.weights.double().numpy() for subset in self.subsets])
        if votes:
            weights *= np.concatenate([subset.votes.clamp(min=1).numpy() for subset in self.subsets])
        return torch.from_numpy((weights / weights[weights > 0].mean()).astype(np.float32))

    @cached_property
    def drawn(self) -> int:
        """Number of triplets of an epoch."""
        return sum(self._drawn(k) for k in range(len(self.subsets)))

    def order(self, generator: torch.Generator) -> Tensor:
        """Draw the triplets of an epoch, shuffled: int64 positions in the concatenated subsets.

        Items of weight 0 are never drawn. The others are drawn as if these did not exist.
        """
        chosen, start = [], 0
        for k, subset in enumerate(self.subsets):
            left = self._drawn(k)
            while left > 0:
                part = torch.randperm(len(self._counting[k]), generator=generator)[:left]
                chosen.append(self._counting[k][part] + start)
                left -= len(part)
            start += len(subset)
        together = torch.cat(chosen)
        if len(chosen) == 1:
            return together  # already shuffled
        return together[torch.randperm(len(together), generator=generator)]

    def take(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Load some triplets.

        Args:
            positions: in the concatenated subsets, int64, shape (N,).

        Returns:
            Images, float32 (3·N)×3×H×W in [-1, 1]: all ref, then all p0, then all p1; and judgments, shape (N,).
        """
        if len(self.subsets) == 1:
            pixels = self.subsets[0].pixels[positions]
        else:
            pixels = self.subsets[0].pixels.new_empty((len(positions), *self.subsets[0].pixels.shape[1:]))
            for k, members, local in by_part(positions, [len(subset) for subset in self.subsets]):
                pixels[members] = self.subsets[k].pixels[local]
        # Reorder bytes, not floats, which are four times as large.
        return to_signed(pixels.transpose(0, 1).flatten(0, 1)), self.labels[positions]

    def _drawn(self, k: int) -> int:
        return max(1, round(self.weights[k] * len(self._counting[k])))

    @cached_property
    def _counting(self) -> list[Tensor]:
        """Positions in each subset of the items whose weight is above 0, int64."""
        return [subset.weights.nonzero()[:, 0] for subset in self.subsets]


def by_part(positions: Tensor, lengths: Sequence[int]) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Divide positions in concatenated parts by part.

    Args:
        positions: int64, shape (N,).
        lengths: lengths of the parts.

    Yields:
        Number of a part; indices into `positions` of the members of this part; their positions in the part.
    """
    start = 0
    for k, length in enumerate(lengths):
        members = ((positions >= start) & (positions < start + length)).nonzero()[:, 0]
        yield k, members, positions[members] - start
        start += length


def mix(subsets: Sequence[PackedSubset], weights: Sequence[float] = (), lapses: Sequence[float] = ()) -> Mixture:
    """Combine several subsets to train on.

    Args:
        subsets: 2AFC subsets.
        weights: see `Mixture`; none: 1 each.
        lapses: see `Mixture`; one: for all subsets; none: 0 each.

    Raises:
        BappsmithError: there is no subset, one is not a 2AFC subset, image sizes differ, or weights, lapses or the
            votes or weights of items are invalid.
    """
    if not subsets:
        raise BappsmithError("training needs at least one 2afc/train subset")
    weights = tuple(weights) or (1.0,) * len(subsets)
    if len(weights) != len(subsets) or not all(0 < weight <= MOST_WEIGHT for weight in weights):
        raise BappsmithError(
            f"weights must be one number above 0 (and at most {MOST_WEIGHT}) for each of {len(subsets)} subsets, found "
            f"{weights}"
        )
    lapses = tuple(lapses) or (0.0,)
    lapses = lapses * len(subsets) if len(lapses) == 1 else lapses
    if len(lapses) != len(subsets) or not all(0 <= lapse < 1 for lapse in lapses):
        raise BappsmithError(
            f"lapses must be one number in [0, 1), or one for each of {len(subsets)} subsets, found {lapses}"
        )
    first = subsets[0]
    for subset in subsets:
        if subset.kind != "2afc":
            raise BappsmithError(f"{subset.root}: training needs 2AFC subsets (ref, p0, p1, judge), found a JND subset")
        if subset.pixels.shape[1:] != first.pixels.shape[1:]:
            sizes = [f"{s.pixels.shape[3]}×{s.pixels.shape[2]}" for s in (first, subset)]
            raise BappsmithError(
                f"{first.root} and {subset.root} differ in the size of images: {' and '.join(sizes)} px; train on "
                "subsets of one size"
            )
        _check_counting(subset)
    return Mixture(tuple(subsets), weights, lapses)


def _check_counting(subset: PackedSubset) -> None:
    """Refuse a subset whose votes or weights are invalid."""
    rules = (
        ("number of votes", subset.votes, f"in [0, {MOST_VOTES}]", MOST_VOTES),
        ("weight", subset.weights, f"in [0, {MOST_WEIGHT}]", MOST_WEIGHT),
    )
    for what, values, allowed, most in rules:
        wrong = ~((values >= 0) & (values <= most))  # NaN included
        if wrong.any():
            index = int(wrong.nonzero()[0])
            raise BappsmithError(
                f"{subset.root}: the {what} of item {subset.stems[index]} must be {allowed}, found "
                f"{values[index].item():g}; correct the labelling"
            )
    if not subset.weights.any():
        raise BappsmithError(f"{subset.root}: all items have weight 0, so none counts; leave the subset out")
