"""Several subsets to train on together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError

from .subset import PackedSubset, to_signed


@dataclass(frozen=True)
class Mixture:
    """Several 2AFC subsets to train on.

    Attributes:
        subsets: of one size of images.
        weights: how often an epoch sees each subset: 1 every triplet once, 0.5 half of them, 2 all twice.
    """

    subsets: tuple[PackedSubset, ...]
    weights: tuple[float, ...]

    def __len__(self) -> int:
        return sum(map(len, self.subsets))

    @cached_property
    def labels(self) -> Tensor:
        """Judgments of the subsets laid end to end, float32."""
        return torch.cat([subset.labels for subset in self.subsets])

    def order(self, generator: torch.Generator) -> Tensor:
        """The triplets of an epoch, shuffled: positions in the subsets laid end to end, int64."""
        chosen, start = [], 0
        for k, subset in enumerate(self.subsets):
            left = self._drawn(k)
            while left > 0:
                part = torch.randperm(len(subset), generator=generator)[:left]
                chosen.append(part + start)
                left -= len(part)
            start += len(subset)
        together = torch.cat(chosen)
        if len(chosen) == 1:
            return together  # it is shuffled already
        return together[torch.randperm(len(together), generator=generator)]

    def take(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Some triplets: float (3·N)×3×H×W in [-1, 1], all ref, then all p0, then all p1; and judgments (N,)."""
        if len(self.subsets) == 1:
            pixels = self.subsets[0].pixels[positions]
        else:
            pixels = self.subsets[0].pixels.new_empty((len(positions), *self.subsets[0].pixels.shape[1:]))
            for k, mine, here in by_part(positions, [len(subset) for subset in self.subsets]):
                pixels[mine] = self.subsets[k].pixels[here]
        # Put in order while they are bytes: as floats they are four times as large.
        return to_signed(pixels.transpose(0, 1).flatten(0, 1)), self.labels[positions]

    def _drawn(self, k: int) -> int:
        return max(1, round(self.weights[k] * len(self.subsets[k])))


def by_part(positions: Tensor, lengths: Sequence[int]) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Divide positions in parts laid end to end.

    Args:
        positions: int64, shape (N,).
        lengths: of the parts.

    Yields:
        Number of a part, which of the positions are in it, and where in the part.
    """
    start = 0
    for k, length in enumerate(lengths):
        mine = ((positions >= start) & (positions < start + length)).nonzero()[:, 0]
        yield k, mine, positions[mine] - start
        start += length


def mix(subsets: Sequence[PackedSubset], weights: Sequence[float] = ()) -> Mixture:
    """Several subsets to train on together.

    Args:
        subsets: 2AFC subsets.
        weights: see `Mixture`; none: 1 each.

    Raises:
        BappsmithError: there is none, one is no 2AFC subset, they differ in size, or weights do not fit.
    """
    if not subsets:
        raise BappsmithError("training needs at least one 2afc/train subset")
    weights = tuple(weights) or (1.0,) * len(subsets)
    if len(weights) != len(subsets) or not all(0 < weight <= 1000 for weight in weights):
        raise BappsmithError(
            f"weights are one number above 0 (and at most 1000) for each of {len(subsets)} subsets, found {weights}"
        )
    first = subsets[0]
    for subset in subsets:
        if subset.kind != "2afc":
            raise BappsmithError(f"{subset.root}: training takes 2AFC subsets (ref, p0, p1, judge), found a JND one")
        if subset.pixels.shape[1:] != first.pixels.shape[1:]:
            sizes = [f"{s.pixels.shape[3]}×{s.pixels.shape[2]}" for s in (first, subset)]
            raise BappsmithError(
                f"{first.root} and {subset.root} differ in the size of images: {' and '.join(sizes)} px"
            )
    return Mixture(tuple(subsets), weights)
